using System.Buffers.Binary;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Reading;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Onnx.Tensors;

/// <summary>
/// Weights that are mostly zero, kept in the file as ONNX sparse initializers: values with the linear index of each, int64, ascending (ONNX
/// IR, SparseTensorProto). ONNX Runtime makes them dense when it loads the model, so that they save bytes of the file and nothing else.
/// </summary>
public static class SparseStorage
{
    // The index of a value, its dimensions and two names take at least this much beside the values.
    private const int Overhead = 64;

    /// <summary>A copy in which every float32 initializer that takes fewer bytes so is sparse; the model itself where none does.</summary>
    public static OnnxModel Compact(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        HashSet<string> inputs = [.. model.Graph.Input.Select(i => i.Name)];
        OnnxModel? compact = null;
        for (int i = 0; i < model.Graph.Initializer.Count; i++)
        {
            TensorProto tensor = model.Graph.Initializer[i];
            // A default of an input can be replaced at run time, which a sparse one cannot.
            if (tensor.DataType == (int)DataType.Float && tensor.Dims.Count > 0 && !inputs.Contains(tensor.Name) && TrySparse(tensor, out SparseTensorProto? sparse))
            {
                compact ??= model.Clone();
                compact.Graph.SparseInitializer.Add(sparse);
            }
        }

        if (compact is null)
        {
            return model;
        }

        HashSet<string> moved = [.. compact.Graph.SparseInitializer.Select(s => s.Values.Name)];
        foreach (TensorProto tensor in compact.Graph.Initializer.Where(t => moved.Contains(t.Name)).ToList())
        {
            compact.Graph.Initializer.Remove(tensor);
        }

        return compact;
    }

    /// <summary>A copy with dense initializers in the place of sparse ones; the model itself where there are none.</summary>
    /// <param name="model">A model that was read: its indices have been checked.</param>
    /// <param name="limits">How many bytes all of its initializers may take then.</param>
    /// <exception cref="InputException">A few bytes of the file stand for more than that, or an index comes twice.</exception>
    public static OnnxModel Expand(OnnxModel model, ModelLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Graph.SparseInitializer.Count == 0)
        {
            return model;
        }

        long room = (limits ?? ModelLimits.Default).MaxInitializerBytes - model.Graph.Initializer.Sum(t => (long)t.CalculateSize());
        foreach (SparseTensorProto sparse in model.Graph.SparseInitializer)
        {
            SparseTensors.Check(sparse);
            string what = $"sparse {TensorReader.Describe(sparse.Values)}";
            room -= ElementTypes.Bytes(ElementTypes.TypeOf(sparse.Values), ElementTypes.Count(sparse.Dims, what), what);
            if (room < 0)
            {
                throw new InputException($"{model.Source}: {what}: the model's initializers take more than {(limits ?? ModelLimits.Default).MaxInitializerBytes:N0} bytes once they are dense");
            }
        }

        OnnxModel dense = model.Clone();
        foreach (SparseTensorProto sparse in dense.Graph.SparseInitializer)
        {
            dense.Graph.Initializer.Add(Dense(sparse));
        }

        dense.Graph.SparseInitializer.Clear();
        return dense;
    }

    private static bool TrySparse(TensorProto tensor, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SparseTensorProto? sparse)
    {
        sparse = null;
        byte[] raw = TensorReader.ToRaw(tensor);
        int count = raw.Length / sizeof(float);
        // Negative zero is not zero: its sign would be lost.
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            kept += BinaryPrimitives.ReadInt32LittleEndian(raw.AsSpan(i * sizeof(float))) != 0 ? 1 : 0;
        }

        // A tensor without values has no indices that every reader takes.
        if (kept == 0 || ((long)kept * (sizeof(float) + sizeof(long))) + Overhead >= raw.Length)
        {
            return false;
        }

        byte[] values = new byte[kept * sizeof(float)];
        long[] indices = new long[kept];
        for (int i = 0, at = 0; i < count; i++)
        {
            ReadOnlySpan<byte> element = raw.AsSpan(i * sizeof(float), sizeof(float));
            if (BinaryPrimitives.ReadInt32LittleEndian(element) != 0)
            {
                element.CopyTo(values.AsSpan(at * sizeof(float)));
                indices[at++] = i;
            }
        }

        sparse = new SparseTensorProto
        {
            Values = TensorEditor.FromRaw(tensor.Name, DataType.Float, values, kept),
            Indices = TensorEditor.FromInts($"{tensor.Name}_indices", indices, kept),
        };
        sparse.Dims.Add(tensor.Dims);
        return true;
    }

    private static TensorProto Dense(SparseTensorProto sparse)
    {
        DataType type = ElementTypes.TypeOf(sparse.Values);
        int bits = ElementTypes.Bits(type);
        string what = $"sparse {TensorReader.Describe(sparse.Values)}";
        if (bits % 8 != 0)
        {
            throw new InputException($"{what}: elements of {bits} bits cannot be made dense");
        }

        int size = bits / 8;
        long[] dims = [.. sparse.Dims];
        long[] indices = TensorReader.ToInts(sparse.Indices);
        byte[] values = TensorReader.ToRaw(sparse.Values);
        byte[] raw = new byte[ElementTypes.Bytes(type, ElementTypes.Count(dims, what), what)];
        bool linear = sparse.Indices.Dims.Count == 1;
        int rank = linear ? 1 : dims.Length;
        var seen = new HashSet<long>();
        for (int i = 0; i < values.Length / size; i++)
        {
            long place = linear ? indices[i] : 0;
            for (int axis = 0; axis < rank && !linear; axis++)
            {
                place = (place * dims[axis]) + indices[(i * rank) + axis];
            }

            if (!seen.Add(place))
            {
                throw new InputException($"{what}: two values stand at index {place}; each place has one");
            }

            values.AsSpan(i * size, size).CopyTo(raw.AsSpan((int)(place * size)));
        }

        return TensorEditor.FromRaw(sparse.Values.Name, type, raw, dims);
    }
}
