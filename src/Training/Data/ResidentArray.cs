using EdgePrune.Onnx;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data;

/// <summary>An array in memory, as its file held it: row-major, little endian.</summary>
internal sealed class ResidentArray : DataArray
{
    /// <param name="name">Name within the dataset.</param>
    /// <param name="source">File (and entry) that it came from, for messages.</param>
    /// <param name="type">Element type of <paramref name="bytes"/>.</param>
    /// <param name="shape">Shape with the sample axis first.</param>
    /// <param name="bytes">Exactly the elements that the shape tells of.</param>
    public ResidentArray(string name, string source, TensorElementType type, int[] shape, byte[] bytes)
        : base(name, source, type, shape) => Bytes = bytes;

    public byte[] Bytes { get; }

    public override long ResidentBytes => Bytes.Length;

    public override ReadOnlySpan<byte> Row(int row, Span<byte> buffer) => Bytes.AsSpan(row * RowBytes, RowBytes);

    public double At(int row, int element)
    {
        int size = ElementKind.Size(Type);
        return ElementKind.Read(Type, Bytes.AsSpan(((row * RowLength) + element) * size, size));
    }

    public override void RequireFinite()
    {
        for (int row = 0; row < Rows && ElementKind.IsFloating(Type); row++)
        {
            RequireFinite(Row(row, []), row);
        }
    }

    /// <summary>The samples of all parts after one another; the parts must agree in type and sample shape.</summary>
    public static ResidentArray Concatenate(IReadOnlyList<ResidentArray> parts)
    {
        ResidentArray first = parts[0];
        if (parts.Count == 1)
        {
            return first;
        }

        foreach (ResidentArray part in parts)
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
        foreach (ResidentArray part in parts)
        {
            part.Bytes.CopyTo(bytes, offset);
            offset += part.Bytes.Length;
        }

        return new ResidentArray(first.Name, first.Source, first.Type, shape, bytes);
    }
}
