using EdgePrune.Onnx;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data;

/// <summary>An array as its file held it: row-major, little endian, samples on the first axis.</summary>
internal sealed class DataArray
{
    /// <param name="name">Name within the dataset.</param>
    /// <param name="source">File (and entry) that it came from, for messages.</param>
    /// <param name="type">Element type of <paramref name="bytes"/>.</param>
    /// <param name="shape">Shape with the sample axis first.</param>
    /// <param name="bytes">Exactly the elements that the shape tells of.</param>
    public DataArray(string name, string source, TensorElementType type, int[] shape, byte[] bytes)
    {
        if (shape.Length == 0)
        {
            throw new InputException($"{source}: array '{name}' is a single number; expected samples along the first axis");
        }

        Name = name;
        Source = source;
        Type = type;
        Shape = shape;
        Bytes = bytes;
        RowLength = shape.Skip(1).Aggregate(1, (product, dim) => product * dim);
    }

    public string Name { get; }

    public string Source { get; }

    public TensorElementType Type { get; }

    public int[] Shape { get; }

    public byte[] Bytes { get; }

    public int Rows => Shape[0];

    /// <summary>Elements of one sample.</summary>
    public int RowLength { get; }

    public ReadOnlySpan<byte> Row(int row)
    {
        int size = RowLength * ElementKind.Size(Type);
        return Bytes.AsSpan(row * size, size);
    }

    public double At(int row, int element)
    {
        int size = ElementKind.Size(Type);
        return ElementKind.Read(Type, Bytes.AsSpan(((row * RowLength) + element) * size, size));
    }

    /// <summary>Elements of a shape and their bytes, refused where a dimension or the whole is absurd.</summary>
    public static long CheckedBytes(ReadOnlySpan<long> shape, TensorElementType type, string what)
    {
        if (shape.Length > DataLimits.Rank)
        {
            throw new InputException($"{what}: {shape.Length} axes; at most {DataLimits.Rank} are supported");
        }

        UInt128 product = (UInt128)ElementKind.Size(type);
        foreach (long dim in shape)
        {
            if (dim < 0)
            {
                throw new InputException($"{what}: dimension {dim} is negative");
            }

            // A zero may stand behind absurd dimensions; the product of the others is still held to the limit.
            product *= (UInt128)Math.Max(dim, 1);
            if (product > (UInt128)DataLimits.ArrayBytes)
            {
                throw new InputException($"{what}: shape [{string.Join(", ", shape.ToArray())}] of {ElementKind.Name(type)} takes more than {DataLimits.ArrayBytes:N0} bytes; split the data into several files");
            }
        }

        return shape.Contains(0) ? 0 : (long)product;
    }

    /// <summary>The samples of all parts after one another; the parts must agree in type and sample shape.</summary>
    public static DataArray Concatenate(IReadOnlyList<DataArray> parts)
    {
        DataArray first = parts[0];
        if (parts.Count == 1)
        {
            return first;
        }

        foreach (DataArray part in parts)
        {
            if (part.Type != first.Type || !part.Shape.AsSpan(1).SequenceEqual(first.Shape.AsSpan(1)))
            {
                throw new InputException($"{part.Source}: array '{part.Name}' is {part}; {first.Source} has {first}; parts of one dataset need the same type and sample shape");
            }
        }

        int[] shape = [.. first.Shape];
        long rows = parts.Sum(part => (long)part.Rows);
        CheckedBytes([rows, .. first.Shape.Skip(1).Select(dim => (long)dim)], first.Type, $"{first.Source} and {parts.Count - 1} more");
        shape[0] = (int)rows;
        byte[] bytes = new byte[parts.Sum(part => part.Bytes.Length)];
        int offset = 0;
        foreach (DataArray part in parts)
        {
            part.Bytes.CopyTo(bytes, offset);
            offset += part.Bytes.Length;
        }

        return new DataArray(first.Name, first.Source, first.Type, shape, bytes);
    }

    /// <summary>Refuses NaN and infinities, naming the first sample that has one.</summary>
    public void RequireFinite()
    {
        if (!ElementKind.IsFloating(Type))
        {
            return;
        }

        int size = ElementKind.Size(Type);
        for (int at = 0; at < Bytes.Length; at += size)
        {
            double value = ElementKind.Read(Type, Bytes.AsSpan(at, size));
            if (!double.IsFinite(value))
            {
                int element = at / size;
                throw new InputException($"{Source}: array '{Name}' has {value} in sample {element / RowLength}, element {element % RowLength}; expected finite numbers");
            }
        }
    }

    /// <summary>Type and shape, as messages print them.</summary>
    public override string ToString() => $"{ElementKind.Name(Type)} [{string.Join(", ", Shape)}]";
}
