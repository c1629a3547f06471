using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Steps;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Tests.Steps;

/// <summary>Batches for tests.</summary>
internal static class Batches
{
    /// <summary>Noise for real inputs, class ids below <paramref name="classes"/> for integers; seeded.</summary>
    public static NamedValues Random(IReadOnlyList<StepInput> inputs, int seed, int classes = 2)
    {
        var random = new Random(seed);
        return new NamedValues(inputs.Select(i => new KeyValuePair<string, OrtValue>(i.Name, Value(i, random, classes))));
    }

    /// <summary>The values (i·7919 + 13) mod 1000 / 500 − 1, which Reference/make.py makes as well.</summary>
    public static float[] Formula(long count) => [.. Enumerable.Range(0, (int)count).Select(i => (float)((((i * 7919L) + 13) % 1000 / 500.0) - 1))];

    private static OrtValue Value(StepInput input, Random random, int classes)
    {
        long[] dims = [.. input.Dims];
        int count = (int)dims.Aggregate(1L, (a, d) => a * d);
        return input.Type == TensorProto.Types.DataType.Int64
            ? OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, count).Select(_ => (long)random.Next(classes)).ToArray(), dims)
            : OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, count).Select(_ => (float)random.NextDouble()).ToArray(), dims);
    }
}
