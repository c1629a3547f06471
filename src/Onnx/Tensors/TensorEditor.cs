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
    public static TensorProto Take(TensorProto tensor, int axis, ReadOnlySpan<int> keep) => Take(tensor, [(axis, keep.ToArray())]);

    /// <summary>Slices along several axes at once, which makes no tensor in between.</summary>
    /// <param name="tensor">A tensor of a type of whole bytes.</param>
    /// <param name="cuts">The axes that are cut, each once, and the indices that stay along them.</param>
    public static TensorProto Take(TensorProto tensor, IReadOnlyList<(int Axis, int[] Keep)> cuts)
    {
        ArgumentNullException.ThrowIfNull(cuts);
        int[] dims = TensorReader.Dims(tensor);
        DataType type = ElementTypes.TypeOf(tensor);
        int size = ElementSize(tensor);
        var keep = new int[]?[dims.Length];
        TensorProto result = WithoutData(tensor);
        foreach ((int axis, int[] indices) in cuts)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(axis, nameof(cuts));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(axis, dims.Length, nameof(cuts));
            if (Array.FindIndex(indices, k => (uint)k >= (uint)dims[axis]) is >= 0 and var wrong)
            {
                throw new ArgumentOutOfRangeException(nameof(cuts), $"{TensorReader.Describe(tensor)}: index {indices[wrong]} on axis {axis} of {dims[axis]}");
            }

            keep[axis] = indices;
            result.Dims[axis] = indices.Length;
        }

        TensorReader.Check(tensor);
        ReadOnlySpan<byte> source = tensor.HasRawData ? tensor.RawData.Span : TensorReader.ToRaw(tensor);
        string what = TensorReader.Describe(result);
        byte[] target = new byte[ElementTypes.Bytes(type, ElementTypes.Count(result.Dims, what), what)];
        // An empty tensor may have any other dimensions: nothing below may depend on their product.
        if (target.Length > 0)
        {
            int last = Array.FindLastIndex(keep, k => k is not null);
            int[] strides = new int[dims.Length + 1];
            strides[^1] = size;
            for (int axis = dims.Length - 1; axis >= 0; axis--)
            {
                strides[axis] = checked(strides[axis + 1] * dims[axis]);
            }

            int written = 0;
            Copy(source, target, ref written, dims, keep, strides, 0, last);
        }

        result.RawData = UnsafeByteOperations.UnsafeWrap(target);
        return result;
    }

    // Copies what stays from one axis on; whatever lies inside the last axis that is cut is copied whole.
    private static void Copy(
        ReadOnlySpan<byte> source, Span<byte> target, ref int written, int[] dims, int[]?[] keep, int[] strides, int axis, int last)
    {
        if (axis > last)
        {
            source[..strides[axis]].CopyTo(target[written..]);
            written += strides[axis];
            return;
        }

        int stride = strides[axis + 1];
        for (int i = 0; i < (keep[axis]?.Length ?? dims[axis]); i++)
        {
            Copy(source[((keep[axis]?[i] ?? i) * stride)..], target, ref written, dims, keep, strides, axis + 1, last);
        }
    }

    /// <summary>
    /// The tensor with all bytes zero at some indices of an axis. Name and documentation stay; the values move to raw form.
    /// </summary>
    public static TensorProto ZeroSlices(TensorProto tensor, int axis, ReadOnlySpan<int> indices)
    {
        int[] dims = TensorReader.Dims(tensor);
        ArgumentOutOfRangeException.ThrowIfNegative(axis);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(axis, dims.Length);
        int size = ElementSize(tensor);
        byte[] values = TensorReader.ToRaw(tensor);
        int slice = dims[(axis + 1)..].Aggregate(size, (product, d) => checked(product * d));
        int rows = values.Length == 0 ? 0 : values.Length / (slice * dims[axis]);
        for (int row = 0; row < rows; row++)
        {
            foreach (int index in indices)
            {
                values.AsSpan(((row * dims[axis]) + index) * slice, slice).Clear();
            }
        }

        TensorProto result = WithoutData(tensor);
        result.RawData = UnsafeByteOperations.UnsafeWrap(values);
        return result;
    }

    /// <summary>The tensor with all bytes zero at some elements. Name and documentation stay; the values move to raw form.</summary>
    /// <param name="tensor">A tensor of a type of whole bytes.</param>
    /// <param name="isZero">True for each element, in row-major order, that becomes zero.</param>
    public static TensorProto ZeroElements(TensorProto tensor, ReadOnlySpan<bool> isZero)
    {
        int size = ElementSize(tensor);
        byte[] values = TensorReader.ToRaw(tensor);
        ArgumentOutOfRangeException.ThrowIfNotEqual(isZero.Length, values.Length / size);
        for (int i = 0; i < isZero.Length; i++)
        {
            if (isZero[i])
            {
                values.AsSpan(i * size, size).Clear();
            }
        }

        TensorProto result = WithoutData(tensor);
        result.RawData = UnsafeByteOperations.UnsafeWrap(values);
        return result;
    }

    private static int ElementSize(TensorProto tensor)
    {
        DataType type = ElementTypes.TypeOf(tensor);
        int bits = ElementTypes.Bits(type);
        return bits > 0 && bits % 8 == 0 ? bits / 8 : throw new InputException($"{TensorReader.Describe(tensor)}: slices of {type} cannot be taken");
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
