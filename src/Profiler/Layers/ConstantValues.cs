using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Profiler.Layers;

/// <summary>Values of a graph that do not depend on its inputs, and which of them are parameters.</summary>
internal sealed class ConstantValues
{
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly HashSet<NodeProto> nodes = new(ReferenceEqualityComparer.Instance);

    public ConstantValues(GraphProto graph)
    {
        names.UnionWith(graph.Initializer.Select(i => i.Name));
        foreach (NodeProto node in graph.Node)
        {
            if (!node.OpType.StartsWith("Random", StringComparison.Ordinal) && GraphIndex.Reads(node).All(names.Contains))
            {
                nodes.Add(node);
                names.UnionWith(node.Output);
            }
        }
    }

    public bool Contains(string value) => names.Contains(value);

    /// <summary>True for a node that computes the same whatever the inputs are; a runtime folds it away.</summary>
    public bool IsConstant(NodeProto node) => nodes.Contains(node);

    /// <summary>
    /// The constant inputs of a node that the field calls its parameters: weights and biases, scale and shift of a
    /// normalisation; not running statistics, shapes, indices, quantisation scales or scalar settings.
    /// </summary>
    public IEnumerable<string> ParametersOf(NodeProto node, ValueTable values)
    {
        if (IsConstant(node))
        {
            yield break;
        }

        for (int i = 0; i < node.Input.Count; i++)
        {
            string input = node.Input[i];
            if (input.Length > 0 && Contains(input) && IsParameter(node.OpType, i) && values.Dims(input) is { Length: > 0 } dims
                && values.Type(input) is not (DataType.Int64 or DataType.Bool or DataType.String)
                && (dims.Length > 1 || !IsQuantized(node.OpType) || values.Type(input) == DataType.Int32))
            {
                yield return input;
            }
        }
    }

    private static bool IsQuantized(string op) =>
        op.StartsWith("QLinear", StringComparison.Ordinal) || op.EndsWith("Integer", StringComparison.Ordinal);

    private static bool IsParameter(string op, int input) => op switch
    {
        "BatchNormalization" => input is 1 or 2,
        "QuantizeLinear" or "DequantizeLinear" or "Gather" or "Clip" or "Dropout" => input == 0,
        "Pad" or "Resize" or "Upsample" or "Slice" or "Reshape" or "Expand" or "Tile" or "TopK" or "OneHot" => false,
        _ => true,
    };
}
