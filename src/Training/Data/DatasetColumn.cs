using System.Runtime.InteropServices;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data;

/// <summary>An array of a dataset with the preprocessing that belongs to it.</summary>
/// <param name="Array">As stored.</param>
/// <param name="Preprocessing">How a sample becomes what the model takes.</param>
/// <param name="IsNamedInput">Whether <c>data.yaml</c> calls it the model's input.</param>
internal sealed record DatasetColumn(DataArray Array, Preprocessing Preprocessing, bool IsNamedInput)
{
    public DatasetInput Description => new(Array.Name, Array.Type, Preprocessing.Shape);

    /// <summary>The rows as a value of the model's type and shape; the caller disposes it.</summary>
    public OrtValue ToValue(ReadOnlySpan<int> rows, ModelInput input)
    {
        long[] shape = [rows.Length, .. SampleShape(input, rows.Length)];
        if (ElementKind.Size(input.Type) == 0)
        {
            throw new InputException($"the model's input '{input.Name}' takes {input.Type}; data can be given as bool, integers or float16, float32, float64");
        }

        OrtValue value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, input.Type, shape);
        try
        {
            Fill(rows, input, value.GetTensorMutableRawData());
            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    private void Fill(ReadOnlySpan<int> rows, ModelInput input, Span<byte> target)
    {
        int length = Array.RowLength;
        int size = ElementKind.Size(input.Type);
        bool asStored = Preprocessing.Source is null && Preprocessing.Factor is null;
        double[] sample = new double[length];
        for (int at = 0; at < rows.Length; at++)
        {
            Span<byte> into = target.Slice(at * length * size, length * size);
            if (asStored && Array.Type == input.Type)
            {
                Array.Row(rows[at]).CopyTo(into);
                continue;
            }

            ReadSample(rows[at], sample);
            if (input.Type == TensorElementType.Float)
            {
                Span<float> floats = MemoryMarshal.Cast<byte, float>(into);
                for (int o = 0; o < length; o++)
                {
                    floats[o] = (float)sample[o];
                }

                continue;
            }

            for (int o = 0; o < length; o++)
            {
                if (!ElementKind.TryWrite(input.Type, sample[o], into[(o * size)..]))
                {
                    throw new InputException($"{Array.Source}: sample {rows[at]} of '{Array.Name}' holds {sample[o]} after preprocessing, which {ElementKind.Name(input.Type)}, the type of the model's input '{input.Name}', cannot hold; check 'scale', 'mean' and 'std' in data.yaml");
                }
            }
        }
    }

    private void ReadSample(int row, double[] sample)
    {
        ReadOnlySpan<byte> bytes = Array.Row(row);
        int size = ElementKind.Size(Array.Type);
        for (int o = 0; o < sample.Length; o++)
        {
            int from = Preprocessing.Source is null ? o : Preprocessing.Source[o];
            sample[o] = ElementKind.Read(Array.Type, bytes[(from * size)..]);
        }

        if (Preprocessing is { Factor: { } factor, Offset: { } offset })
        {
            for (int o = 0; o < sample.Length; o++)
            {
                sample[o] = (sample[o] * factor[o]) + offset[o];
            }
        }
    }

    /// <summary>The model's shape for one sample: equal to the data's but for axes of length 1, which may be added or left out.</summary>
    private IEnumerable<long> SampleShape(ModelInput input, int batch)
    {
        int[] data = Preprocessing.Shape;
        if (input.Shape.Length == 0 || (input.Shape[0] > 0 && input.Shape[0] != batch))
        {
            throw new InputException($"the model's input '{input.Name}' is [{Print(input.Shape)}], a fixed batch; a batch of {batch} does not fit");
        }

        int[] model = input.Shape[1..];
        if (model.Length == data.Length && model.Zip(data).All(pair => pair.First < 0 || pair.First == pair.Second))
        {
            return data.Select(dim => (long)dim);
        }

        int[] dense = [.. data.Where(dim => dim != 1)];
        int[] modelDense = [.. model.Where(dim => dim != 1)];
        if (dense.Length != modelDense.Length || !modelDense.Zip(dense).All(pair => pair.First < 0 || pair.First == pair.Second))
        {
            throw new InputException($"{Array.Source}: a sample of '{Array.Name}' is [{Print(data)}], the model's input '{input.Name}' takes [{Print(input.Shape)}], batch first; expected the same shape (see 'layout', 'size' and 'shape' in data.yaml)");
        }

        Queue<int> lengths = new(dense);
        return [.. model.Select(dim => dim == 1 ? 1L : lengths.Dequeue())];
    }

    private static string Print(IEnumerable<int> shape) => string.Join(", ", shape.Select(dim => dim < 0 ? "?" : dim.ToString()));
}
