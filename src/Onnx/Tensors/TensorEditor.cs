using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EdgePrune.Onnx.Proto;
using Google.Protobuf;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Onnx.Tensors;

/// <summary>Makes tensors: from values, and out of other tensors by taking slices.</summary>
public static class TensorEditor
{
    /// <summary>A float32 tensor.</summary>
    public static TensorProto FromFloats(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> dims)
    {
        byte[] raw = new byte[values.Length * sizeof(float)];
        MemoryMarshal.AsBytes(values).CopyTo(raw);
        if (!BitConverter.IsLittleEndian)
        {
            for (int i = 0; i < values.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(i * sizeof(float)), values[i]);
            }
        }

        return FromRaw(name, DataType.Float, raw, dims);
    }

    /// <summary>An int64 tensor.</summary>
    public static TensorProto FromInts(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> dims)
    {
        byte[] raw = new byte[values.Length * sizeof(long)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(raw.AsSpan(i * sizeof(long)), values[i]);
        }

        return FromRaw(name, DataType.Int64, raw, dims);
    }

    /// <summary>A tensor of any fixed-size type from its little-endian bytes.</summary>
    public static TensorProto FromRaw(string name, DataType type, byte[] raw, params ReadOnlySpan<long> dims)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = UnsafeByteOperations.UnsafeWrap(raw) };
        foreach (long dim in dims)
        {
            tensor.Dims.Add(dim);
        }

        TensorReader.Check(tensor);
        return tensor;
    }

    /// <summary>
    /// The slices <paramref name="keep"/> of <paramref name="tensor"/> along <paramref name="axis"/>, in the order given: what
    /// numpy calls <c>take</c>. Name and documentation stay; the values move to raw form.
    /// </summary>
    public static TensorProto Take(TensorProto tensor, int axis, ReadOnlySpan<int> keep)
    {
        int[] dims = TensorReader.Dims(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(axis);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(axis, dims.Length);
        DataType type = ElementTypes.TypeOf(tensor);
        int bits = ElementTypes.Bits(type);
        if (bits == 0 || bits % 8 != 0)
        {
            throw new InputException($"{TensorReader.Describe(tensor)}: slices of {type} cannot be taken");
        }

        foreach (int k in keep)
        {
            if ((uint)k >= (uint)dims[axis])
            {
                throw new ArgumentOutOfRangeException(nameof(keep), $"{TensorReader.Describe(tensor)}: index {k} on axis {axis} of {dims[axis]}");
            }
        }

        byte[] source = TensorReader.ToRaw(tensor);
        TensorProto result = WithoutData(tensor);
        result.Dims[axis] = keep.Length;
        string what = TensorReader.Describe(result);
        byte[] target = new byte[ElementTypes.Bytes(type, ElementTypes.Count(result.Dims, what), what)];
        // An empty tensor may have any other dimensions: nothing below may depend on their product.
        if (target.Length > 0)
        {
            int slice = dims[(axis + 1)..].Aggregate(bits / 8, (product, d) => checked(product * d));
            int rows = target.Length / (slice * keep.Length);
            for (int row = 0; row < rows; row++)
            {
                for (int k = 0; k < keep.Length; k++)
                {
                    source.AsSpan(((row * dims[axis]) + keep[k]) * slice, slice).CopyTo(target.AsSpan(((row * keep.Length) + k) * slice));
                }
            }
        }

        result.RawData = UnsafeByteOperations.UnsafeWrap(target);
        return result;
    }

    private static TensorProto WithoutData(TensorProto tensor)
    {
        TensorProto copy = tensor.Clone(); // fields that the schema does not know are kept as well
        copy.ClearRawData();
        copy.FloatData.Clear();
        copy.Int32Data.Clear();
        copy.Int64Data.Clear();
        copy.DoubleData.Clear();
        copy.Uint64Data.Clear();
        return copy;
    }
}
