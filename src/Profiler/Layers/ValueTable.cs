using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Profiler.Layers;

/// <summary>Element type and dimensions of every value of a model: the probed ones and the initializers.</summary>
public sealed class ValueTable
{
    private readonly Dictionary<string, (DataType Type, long[] Dims)> values = new(StringComparer.Ordinal);

    public ValueTable(GraphProto graph, IReadOnlyDictionary<string, ValueShape> probed)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(probed);
        foreach ((string name, ValueShape shape) in probed)
        {
            // ONNX Runtime's enumeration of element types has the numbers of the file format's.
            values[name] = ((DataType)(int)shape.Type, shape.Dims);
        }

        foreach (TensorProto initializer in graph.Initializer)
        {
            values[initializer.Name] = (ElementTypes.TypeOf(initializer), [.. initializer.Dims]);
        }
    }

    /// <summary>Dimensions, or null where the value is no tensor or was not computed.</summary>
    public long[]? Dims(string? value) => value is not null && values.TryGetValue(value, out (DataType, long[] Dims) v) ? v.Dims : null;

    public DataType Type(string value) => values.TryGetValue(value, out (DataType Type, long[]) v) ? v.Type : DataType.Undefined;

    /// <summary>Number of elements; 0 where unknown.</summary>
    public long Elements(string? value) => Dims(value) is { } dims ? Product(dims) : 0;

    /// <summary>Bytes of a value; 0 where unknown.</summary>
    public long Bytes(string value) => ((Elements(value) * ElementTypes.Bits(Type(value))) + 7) / 8;

    internal static long Product(ReadOnlySpan<long> dims)
    {
        long product = 1;
        foreach (long dim in dims)
        {
            product *= dim;
        }

        return product;
    }
}
