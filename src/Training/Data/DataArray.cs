using EdgePrune.Onnx;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data;

/// <summary>An array with samples on the first axis, in memory or read from its files sample by sample.</summary>
internal abstract class DataArray
{
    /// <param name="name">Name within the dataset.</param>
    /// <param name="source">File (and entry) that it came from, for messages.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Shape with the sample axis first.</param>
    protected DataArray(string name, string source, TensorElementType type, int[] shape)
    {
        if (shape.Length == 0)
        {
            throw new InputException($"{source}: array '{name}' is a single number; expected samples along the first axis");
        }

        Name = name;
        Source = source;
        Type = type;
        Shape = shape;
        RowLength = shape.Skip(1).Aggregate(1, (product, dim) => checked(product * dim));
    }

    public string Name { get; }

    public string Source { get; }

    public TensorElementType Type { get; }

    public int[] Shape { get; }

    public int Rows => Shape[0];

    /// <summary>Elements of one sample.</summary>
    public int RowLength { get; }

    /// <summary>Bytes of one sample.</summary>
    public int RowBytes => RowLength * ElementKind.Size(Type);

    /// <summary>Bytes of memory that the array itself takes.</summary>
    public abstract long ResidentBytes { get; }

    /// <summary>One sample, row-major and little endian.</summary>
    /// <param name="row">The sample.</param>
    /// <param name="buffer">Room for <see cref="RowBytes"/>; used where the sample does not lie in memory.</param>
    /// <exception cref="InputException">The file no longer holds what it held, or a number in it is not finite.</exception>
    public abstract ReadOnlySpan<byte> Row(int row, Span<byte> buffer);

    /// <summary>Refuses NaN and infinities, naming the first sample that has one, where all samples are at hand.</summary>
    public virtual void RequireFinite()
    {
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

    /// <summary>Refuses NaN and infinities in one sample.</summary>
    protected void RequireFinite(ReadOnlySpan<byte> row, int sample)
    {
        if (!ElementKind.IsFloating(Type))
        {
            return;
        }

        int size = ElementKind.Size(Type);
        for (int at = 0; at < row.Length; at += size)
        {
            double value = ElementKind.Read(Type, row[at..]);
            if (!double.IsFinite(value))
            {
                throw new InputException($"{Source}: array '{Name}' has {value} in sample {sample}, element {at / size}; expected finite numbers");
            }
        }
    }

    /// <summary>Type and shape, as messages print them.</summary>
    public override string ToString() => $"{ElementKind.Name(Type)} [{string.Join(", ", Shape)}]";
}
