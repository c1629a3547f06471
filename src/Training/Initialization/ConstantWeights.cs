using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Initialization;

/// <summary>
/// Weights that a graph makes with ConstantOfShape, as untrained graphs are published to stay small, become initializers that can
/// hold values of their own.
/// </summary>
internal static class ConstantWeights
{
    // As large as one initializer of a model file may be.
    private const long MaxElements = 1L << 27;

    public static void Lift(GraphProto graph)
    {
        var index = new GraphIndex(graph);
        foreach (NodeProto node in graph.Node.Where(n => n.OpType == "ConstantOfShape" && n.IsStandard()).ToList())
        {
            if (index.Constant(node.Input[0]) is not { } shape || ElementTypes.TypeOf(shape) != DataType.Int64)
            {
                continue;
            }

            TensorProto? value = node.Find("value")?.T;
            DataType type = value is null ? DataType.Float : ElementTypes.TypeOf(value);
            long[] dims = TensorReader.ToInts(shape);
            UInt128 count = dims.Aggregate((UInt128)1, (a, d) => a * (UInt128)Math.Max(d, 0));
            if (type is not (DataType.Float or DataType.Double) || dims.Length == 0 || count == 0 || count > MaxElements)
            {
                continue;
            }

            byte[] element = value is null ? new byte[sizeof(float)] : TensorReader.ToRaw(value);
            byte[] raw = new byte[(long)count * element.Length];
            for (int at = 0; at < raw.Length; at += element.Length)
            {
                element.CopyTo(raw, at);
            }

            graph.Initializer.Add(TensorEditor.FromRaw(node.Output[0], type, raw, dims));
            graph.Node.Remove(node);
        }

        // Shapes that only those nodes read.
        var left = new GraphIndex(graph);
        foreach (TensorProto shape in graph.Initializer.Where(i => left.Consumers(i.Name).Count == 0 && index.Consumers(i.Name).Count > 0).ToList())
        {
            graph.Initializer.Remove(shape);
        }
    }
}
