using System.Runtime.InteropServices;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data;

/// <summary>Samples of one column as one input of a model takes them. Holds buffers of its own: one thread at a time.</summary>
internal sealed class SampleReader
{
    private readonly DataArray array;
    private readonly Preprocessing preprocessing;
    private readonly ModelInput input;
    private readonly byte[] row;
    private readonly double[] wide;

    /// <exception cref="InputException">The input takes a type that data cannot have.</exception>
    public SampleReader(DatasetColumn column, ModelInput input)
    {
        if (ElementKind.Size(input.Type) == 0)
        {
            throw new InputException($"the model's input '{input.Name}' takes {input.Type}; data can be given as bool, integers or float16, float32, float64");
        }

        array = column.Array;
        preprocessing = column.Preprocessing;
        this.input = input;
        row = array is ResidentArray ? [] : new byte[array.RowBytes];
        wide = new double[input.Type == TensorElementType.Float ? 0 : array.RowLength];
    }

    /// <summary>Elements of one sample.</summary>
    public int Length => array.RowLength;

    /// <summary>Bytes of one sample in the input's type.</summary>
    public int Bytes => array.RowLength * ElementKind.Size(input.Type);

    /// <summary>Reads one sample into <paramref name="into"/>, <see cref="Bytes"/> long.</summary>
    /// <exception cref="InputException">The sample cannot be read, or the input's type cannot hold it.</exception>
    public void Read(int sample, Span<byte> into)
    {
        ReadOnlySpan<byte> stored = array.Row(sample, row);
        if (preprocessing.Source is null && preprocessing.Factor is null && array.Type == input.Type)
        {
            stored.CopyTo(into);
        }
        else if (input.Type == TensorElementType.Float)
        {
            Convert(stored, MemoryMarshal.Cast<byte, float>(into));
        }
        else
        {
            Convert(stored, wide);
            Narrow(sample, into);
        }
    }

    private void Convert(ReadOnlySpan<byte> stored, Span<float> into)
    {
        int[]? source = preprocessing.Source;
        double[]? factor = preprocessing.Factor, offset = preprocessing.Offset;
        int size = ElementKind.Size(array.Type);
        bool bytes = array.Type == TensorElementType.UInt8;
        for (int o = 0; o < into.Length; o++)
        {
            int from = source is null ? o : source[o];
            double value = bytes ? stored[from] : ElementKind.Read(array.Type, stored[(from * size)..]);
            into[o] = (float)(factor is null ? value : (value * factor[o]) + offset![o]);
        }
    }

    private void Convert(ReadOnlySpan<byte> stored, Span<double> into)
    {
        int size = ElementKind.Size(array.Type);
        for (int o = 0; o < into.Length; o++)
        {
            int from = preprocessing.Source is null ? o : preprocessing.Source[o];
            into[o] = ElementKind.Read(array.Type, stored[(from * size)..]);
        }

        if (preprocessing is { Factor: { } factor, Offset: { } offset })
        {
            for (int o = 0; o < into.Length; o++)
            {
                into[o] = (into[o] * factor[o]) + offset[o];
            }
        }
    }

    private void Narrow(int sample, Span<byte> into)
    {
        int size = ElementKind.Size(input.Type);
        for (int o = 0; o < wide.Length; o++)
        {
            if (!ElementKind.TryWrite(input.Type, wide[o], into[(o * size)..]))
            {
                throw new InputException($"{array.Source}: sample {sample} of '{array.Name}' holds {wide[o]} after preprocessing, which {ElementKind.Name(input.Type)}, the type of the model's input '{input.Name}', cannot hold; check 'scale', 'mean' and 'std' in data.yaml");
            }
        }
    }
}
