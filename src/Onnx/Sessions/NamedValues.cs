using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Onnx.Sessions;

/// <summary>Values by name, released together.</summary>
public sealed class NamedValues : IReadOnlyDictionary<string, OrtValue>, IDisposable
{
    private readonly Dictionary<string, OrtValue> values = new(StringComparer.Ordinal);
    private readonly IDisposable? owner;
    private readonly Dictionary<string, OrtTensorTypeAndShapeInfo> infos = new(StringComparer.Ordinal);

    /// <summary>Takes ownership of values made one by one.</summary>
    public NamedValues(IEnumerable<KeyValuePair<string, OrtValue>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach ((string name, OrtValue value) in values)
        {
            this.values.Add(name, value);
        }
    }

    internal NamedValues(IReadOnlyList<string> names, IDisposableReadOnlyCollection<OrtValue> values)
    {
        owner = values;
        for (int i = 0; i < names.Count; i++)
        {
            this.values[names[i]] = values[i];
        }
    }

    public int Count => values.Count;

    public IEnumerable<string> Keys => values.Keys;

    public IEnumerable<OrtValue> Values => values.Values;

    public OrtValue this[string key] => values[key];

    /// <summary>
    /// Type and shape of a tensor, which the runtime is asked for once: each question costs it as much as a very small model. Not for
    /// several threads at a time.
    /// </summary>
    public OrtTensorTypeAndShapeInfo TypeAndShape(string key)
    {
        if (!infos.TryGetValue(key, out OrtTensorTypeAndShapeInfo info))
        {
            infos.Add(key, info = values[key].GetTensorTypeAndShape());
        }

        return info;
    }

    public bool ContainsKey(string key) => values.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out OrtValue value) => values.TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, OrtValue>> GetEnumerator() => values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        if (owner is not null)
        {
            owner.Dispose();
            return;
        }

        foreach (OrtValue value in values.Values)
        {
            value.Dispose();
        }
    }
}
