using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Onnx.Sessions;

/// <summary>Inputs for a model where there are no data: seeded noise for real-valued inputs, zeros elsewhere.</summary>
public static class SyntheticInputs
{
    private const long MaxElements = 1L << 28;

    /// <summary>Values for all inputs. The caller disposes them.</summary>
    /// <param name="inputs">What the model declares.</param>
    /// <param name="seed">Seed of the noise.</param>
    /// <param name="shapes">Shapes for inputs whose dimensions are free; other free dimensions become <paramref name="freeDimension"/>.</param>
    /// <param name="freeDimension">What a free dimension becomes; the first one of an input is always taken as the batch, 1.</param>
    public static NamedValues Make(
        IEnumerable<ModelInput> inputs, int seed, IReadOnlyDictionary<string, long[]>? shapes = null, int freeDimension = 1)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        // All shapes first: the sum must be known before the first of them takes memory.
        var shaped = new List<(ModelInput Input, long[] Shape)>();
        long left = MaxElements;
        foreach (ModelInput input in inputs)
        {
            long[] shape = shapes is not null && shapes.TryGetValue(input.Name, out long[]? given)
                ? Fit(input, given)
                : [.. input.Shape.Select((d, axis) => d >= 0 ? d : axis == 0 ? 1L : freeDimension)];
            long count = Tensors.ElementTypes.Count(shape, $"input {input}");
            if (count > left)
            {
                throw new InputException($"input {input}: the inputs have more elements than a probe may take ({MaxElements:N0})");
            }

            left -= count;
            shaped.Add((input, shape));
        }

        var random = new Random(seed);
        var made = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        try
        {
            foreach ((ModelInput input, long[] shape) in shaped)
            {
                made[input.Name] = Make(input, shape, random);
            }

            return new NamedValues(made);
        }
        catch
        {
            foreach (OrtValue value in made.Values)
            {
                value.Dispose();
            }

            throw;
        }
    }

    private static long[] Fit(ModelInput input, long[] given)
    {
        bool fits = given.Length == input.Shape.Length && given.Zip(input.Shape).All(p => p.First >= 0 && (p.Second < 0 || p.First == p.Second));
        return fits ? given : throw new InputException($"shape [{string.Join(", ", given)}] does not fit input {input}");
    }

    private static OrtValue Make(ModelInput input, long[] shape, Random random)
    {
        long count = Tensors.ElementTypes.Count(shape, $"input {input}");
        switch (input.Type)
        {
            case TensorElementType.Float:
                return OrtValue.CreateTensorValueFromMemory(Noise(count, random), shape);
            case TensorElementType.Double:
                return OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(Noise(count, random), v => (double)v), shape);
            case TensorElementType.Float16:
                return OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(Noise(count, random), v => (Float16)v), shape);
            case TensorElementType.BFloat16:
                return OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(Noise(count, random), v => (BFloat16)v), shape);
            case TensorElementType.UInt8:
                byte[] bytes = new byte[count];
                random.NextBytes(bytes);
                return OrtValue.CreateTensorValueFromMemory(bytes, shape);
            case TensorElementType.Int8:
                byte[] signed = new byte[count];
                random.NextBytes(signed);
                return OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(signed, v => (sbyte)v), shape);
            case TensorElementType.String or TensorElementType.DataTypeMax:
                throw new InputException($"input '{input.Name}' is no numeric tensor; give real data");
            default:
                // Indices and lengths: zero is the one value that is valid everywhere.
                OrtValue zeros = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, input.Type, shape);
                zeros.GetTensorMutableRawData().Clear();
                return zeros;
        }
    }

    // Standard normal (Box–Muller): what a normalised image looks like to the first layer.
    private static float[] Noise(long count, Random random)
    {
        float[] values = new float[count];
        for (long i = 0; i < count; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = (float)(radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return values;
    }
}
