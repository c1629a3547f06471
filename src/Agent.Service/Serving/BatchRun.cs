using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>
/// Runs a model on what a client sends: at once where the model takes it, one after the other where the model was made for a
/// batch of one and more came along the first axis.
/// </summary>
internal static class BatchRun
{
    /// <summary>Whether a declared dimension takes a given one; the first may be a multiple of a fixed batch of one.</summary>
    public static bool Takes(ModelInput input, int axis, long given) =>
        input.Shape[axis] < 0 || input.Shape[axis] == given || (axis == 0 && IsSingle(input) && given >= 1);

    /// <exception cref="InputException">The runtime cannot run the model on these values, or the batch axes do not agree.</exception>
    public static NamedValues Run(ModelSession session, NamedValues inputs, RunOptions? options = null)
    {
        long batch = Sequence(session.Inputs, inputs);
        if (batch == 1)
        {
            return session.Run(inputs, options: options);
        }

        var answers = new List<NamedValues>();
        try
        {
            for (int i = 0; i < batch; i++)
            {
                using var one = new NamedValues(inputs.Select(v => KeyValuePair.Create(v.Key, Part(v.Value, i))).ToList());
                answers.Add(session.Run(one, options: options));
            }

            return new NamedValues(session.OutputNames.Select(name => KeyValuePair.Create(name, Join(name, [.. answers.Select(a => a[name])]))).ToList());
        }
        finally
        {
            answers.ForEach(a => a.Dispose());
        }
    }

    private static bool IsSingle(ModelInput input) => input.Shape is [1, _, ..];

    private static long Sequence(IReadOnlyList<ModelInput> declared, NamedValues inputs)
    {
        long batch = 1;
        for (int i = 0; i < declared.Count; i++)
        {
            ModelInput input = declared[i];
            if (!IsSingle(input))
            {
                continue;
            }

            long given = inputs.TypeAndShape(input.Name).Shape[0];
            batch = given == batch || batch == 1 ? given : throw new InputException($"the inputs have batches of {batch} and {given}; all take the same");
        }

        return batch == 1 || declared.All(IsSingle)
            ? batch
            : throw new InputException("the model takes a batch of 1: one of its inputs has no batch axis to take others along");
    }

    private static OrtValue Part(OrtValue value, int index)
    {
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        long[] shape = info.Shape;
        Span<byte> all = value.GetTensorMutableRawData();
        int size = (int)(all.Length / shape[0]);
        OrtValue part = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, info.ElementDataType, [1, .. shape.AsSpan(1)]);
        all.Slice(index * size, size).CopyTo(part.GetTensorMutableRawData());
        return part;
    }

    private static OrtValue Join(string name, IReadOnlyList<OrtValue> parts)
    {
        OrtTensorTypeAndShapeInfo first = parts[0].GetTensorTypeAndShape();
        bool joins = first.Shape is [1, ..] && parts.All(p => p.IsTensor && p.GetTensorTypeAndShape().Shape.AsSpan().SequenceEqual(first.Shape));
        if (!joins)
        {
            throw new InputException($"the output '{Printable.Name(name)}' has no batch axis of 1, so that answers to several inputs cannot be put together; send one at a time");
        }

        OrtValue joined = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, first.ElementDataType, [parts.Count, .. first.Shape.AsSpan(1)]);
        Span<byte> target = joined.GetTensorMutableRawData();
        foreach (OrtValue part in parts)
        {
            Span<byte> source = part.GetTensorMutableRawData();
            source.CopyTo(target);
            target = target[source.Length..];
        }

        return joined;
    }
}
