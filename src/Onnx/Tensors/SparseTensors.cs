using EdgePrune.Onnx.Proto;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Onnx.Tensors;

/// <summary>Sparse tensors: values with their positions, which the runtime expands to a dense tensor when it loads them.</summary>
internal static class SparseTensors
{
    // A few bytes may declare any dense size, so this is held to what a dense tensor in a file could be.
    private const long MaxDenseBytes = int.MaxValue;

    /// <summary>Throws <see cref="InputException"/> where values, indices and dimensions do not belong together.</summary>
    public static void Check(SparseTensorProto sparse)
    {
        if (sparse.Values is null)
        {
            throw new InputException("a sparse tensor holds no values");
        }

        string what = $"sparse {TensorReader.Describe(sparse.Values)}";
        TensorReader.Check(sparse.Values);
        long dense = ElementTypes.Count(sparse.Dims, what);
        if (ElementTypes.Bytes(ElementTypes.TypeOf(sparse.Values), dense, what) > MaxDenseBytes)
        {
            throw new InputException($"{what}: its dimensions {Printable.Dims(sparse.Dims)} are more than {MaxDenseBytes:N0} bytes once it is dense");
        }

        long stored = TensorReader.Count(sparse.Values);
        if (sparse.Indices is null)
        {
            throw new InputException($"{what}: holds no indices");
        }

        TensorReader.Check(sparse.Indices);
        long[] indices = ElementTypes.TypeOf(sparse.Indices) == DataType.Int64
            ? TensorReader.ToInts(sparse.Indices)
            : throw new InputException($"{what}: its indices must be int64");
        bool linear = indices.Length == stored && sparse.Indices.Dims.Count == 1;
        if (!linear && !(sparse.Indices.Dims.Count == 2 && sparse.Indices.Dims[0] == stored && sparse.Indices.Dims[1] == sparse.Dims.Count))
        {
            throw new InputException($"{what}: {stored} values with indices of shape {Printable.Dims(sparse.Indices.Dims)}");
        }

        for (int i = 0; i < indices.Length; i++)
        {
            long limit = linear ? dense : sparse.Dims[i % sparse.Dims.Count];
            if (indices[i] < 0 || indices[i] >= limit)
            {
                throw new InputException($"{what}: index {indices[i]} is outside its dimensions {Printable.Dims(sparse.Dims)}");
            }
        }
    }
}
