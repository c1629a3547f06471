using EdgePrune.Agent.Tensors;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Agent.Canaries;

/// <summary>Makes canaries: inputs, with what a model gives for them here.</summary>
public static class CanaryWriter
{
    /// <summary>Runs a model and writes what went in and came out as a <see cref="CanarySet"/>.</summary>
    /// <param name="path">The .npz; replaced atomically.</param>
    /// <param name="session">The model.</param>
    /// <param name="samples">The inputs of one canary each, with a batch axis of 1 where the model has one.</param>
    /// <param name="labels">The right class of each; null: not known.</param>
    /// <returns>How many were written.</returns>
    /// <exception cref="InputException">There are none, or they differ in shape or have a batch of several, or the model does not run on them.</exception>
    public static int Write(string path, ModelSession session, IEnumerable<IReadOnlyDictionary<string, OrtValue>> samples, IReadOnlyList<long>? labels)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(samples);
        var arrays = new Dictionary<string, Stack>(StringComparer.Ordinal);
        int count = 0;
        foreach (IReadOnlyDictionary<string, OrtValue> sample in samples)
        {
            using NamedValues outputs = session.Run(sample);
            foreach ((string name, OrtValue value) in sample.Select(s => ("input." + s.Key, s.Value)).Concat(outputs.Select(o => ("output." + o.Key, o.Value))))
            {
                if (!arrays.TryGetValue(name, out Stack? stack))
                {
                    arrays.Add(name, stack = new Stack(value.GetTensorTypeAndShape()));
                }

                stack.Add(name, value);
            }

            count++;
        }

        if (count == 0)
        {
            throw new InputException("there are no samples to make canaries of");
        }

        using var values = new NamedValues(arrays.Select(a => KeyValuePair.Create(a.Key, a.Value.ToValue())).Concat(Labels(labels, count)).ToList());
        AtomicFile.Write(path, stream => Npz.Write(stream, values));
        return count;
    }

    private static IEnumerable<KeyValuePair<string, OrtValue>> Labels(IReadOnlyList<long>? labels, int count) =>
        labels is null ? [] : [KeyValuePair.Create("labels", OrtValue.CreateTensorValueFromMemory(labels.Take(count).ToArray(), [count]))];

    private sealed class Stack(OrtTensorTypeAndShapeInfo first)
    {
        private readonly List<byte[]> parts = [];

        public void Add(string name, OrtValue value)
        {
            OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
            if (!info.Shape.AsSpan().SequenceEqual(first.Shape))
            {
                throw new InputException($"'{Printable.Name(name)}' has another shape for each sample, which canaries cannot have");
            }

            parts.Add(value.GetTensorMutableRawData().ToArray());
        }

        // The model's batch of one becomes the axis that counts the canaries.
        public OrtValue ToValue()
        {
            long[] sample = first.Shape is [1, ..] ? first.Shape[1..] : first.Shape;
            OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, first.ElementDataType, [parts.Count, .. sample]);
            Span<byte> target = value.GetTensorMutableRawData();
            foreach (byte[] part in parts)
            {
                part.CopyTo(target);
                target = target[part.Length..];
            }

            return value;
        }
    }
}
