using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Onnx.Sessions;

/// <summary>Values by name, released together.</summary>
public sealed class NamedValues : IReadOnlyDictionary<string, OrtValue>, IDisposable
{
    // So many are found by looking at each: making a dictionary for every run is felt beside a very small model.
    private const int Few = 8;

    private readonly IReadOnlyList<string> names;
    private readonly IReadOnlyList<OrtValue> values;
    private readonly Dictionary<string, int>? places;
    private readonly IDisposable? owner;
    private OrtTensorTypeAndShapeInfo?[]? infos;

    /// <summary>Takes ownership of values made one by one.</summary>
    /// <exception cref="ArgumentException">A name is there twice.</exception>
    public NamedValues(IEnumerable<KeyValuePair<string, OrtValue>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        KeyValuePair<string, OrtValue>[] all = [.. values];
        this.values = Array.ConvertAll(all, v => v.Value);
        string[] theirs = Array.ConvertAll(all, v => v.Key);
        names = theirs;
        places = Places(theirs);
        for (int i = 1; i < theirs.Length; i++)
        {
            if (Find(theirs[i]) != i)
            {
                throw new ArgumentException($"'{theirs[i]}' is there twice", nameof(values));
            }
        }
    }

    /// <summary>Outputs of a run.</summary>
    /// <param name="names">An output that is named twice has the same value twice.</param>
    /// <param name="values">In the same order; released as a whole.</param>
    internal NamedValues(IReadOnlyList<string> names, IDisposableReadOnlyCollection<OrtValue> values)
    {
        owner = values;
        this.names = names;
        this.values = values;
        places = Places(names);
    }

    public int Count => names.Count;

    public IEnumerable<string> Keys => names;

    public IEnumerable<OrtValue> Values => values;

    /// <summary>The names, in the order of <see cref="InOrder"/>.</summary>
    internal IReadOnlyList<string> Names => names;

    /// <summary>The values, in the order of <see cref="Names"/>.</summary>
    internal IReadOnlyList<OrtValue> InOrder => values;

    public OrtValue this[string key] => values[PlaceOf(key)];

    /// <summary>
    /// Type and shape of a tensor, which the runtime is asked for once: each question costs it as much as a very small model. Not for
    /// several threads at a time.
    /// </summary>
    public OrtTensorTypeAndShapeInfo TypeAndShape(string key)
    {
        int place = PlaceOf(key);
        infos ??= new OrtTensorTypeAndShapeInfo?[names.Count];
        return infos[place] ??= values[place].GetTensorTypeAndShape();
    }

    public bool ContainsKey(string key) => Find(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out OrtValue value)
    {
        int place = Find(key);
        value = place >= 0 ? values[place] : null;
        return place >= 0;
    }

    public IEnumerator<KeyValuePair<string, OrtValue>> GetEnumerator()
    {
        for (int i = 0; i < names.Count; i++)
        {
            yield return KeyValuePair.Create(names[i], values[i]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public void Dispose()
    {
        if (owner is not null)
        {
            owner.Dispose();
            return;
        }

        foreach (OrtValue value in values)
        {
            value.Dispose();
        }
    }

    private static Dictionary<string, int>? Places(IReadOnlyList<string> names)
    {
        if (names.Count <= Few)
        {
            return null;
        }

        var places = new Dictionary<string, int>(names.Count, StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            places.TryAdd(names[i], i);
        }

        return places;
    }

    private int PlaceOf(string key) => Find(key) is >= 0 and var place ? place : throw new KeyNotFoundException($"no value is named '{key}'");

    private int Find(string key)
    {
        if (places is not null)
        {
            return places.TryGetValue(key, out int known) ? known : -1;
        }

        for (int i = 0; i < names.Count; i++)
        {
            if (string.Equals(names[i], key, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }
}
