using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Training.Gradients;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps;

/// <summary>
/// Replaces a Dropout of inference by one that drops (Srivastava et al., 2014): elements whose noise, an input of the step that is
/// uniform in [0, 1), is not above the ratio become zero, the others are divided by 1 − ratio. The noise comes from outside so
/// that a resumed training draws what an uninterrupted one would have drawn.
/// </summary>
internal static class TrainingDropout
{
    /// <summary>The share that the node drops; an input from opset 12 on, an attribute before.</summary>
    public static double Ratio(NodeProto node, GraphIndex index, string source)
    {
        if (node.InputAt(1) is not { } name)
        {
            return node.Find("ratio") is { HasF: true } given ? given.F : 0.5;
        }

        TensorProto ratio = index.Constant(name) ?? throw new InputException($"{source}: {node.Describe()}: its ratio is computed, and must be constant to train");
        return TensorReader.ToFloats(ratio)[0];
    }

    /// <summary>Writes the nodes into the graph; the output keeps its name.</summary>
    /// <param name="w">Writes into the graph, from which the caller has taken <paramref name="node"/>.</param>
    /// <param name="node">The Dropout.</param>
    /// <param name="dims">Dimensions of its input.</param>
    /// <param name="ratio">The share that is dropped, above 0 and below 1.</param>
    /// <returns>The noise input, and the node that the gradient is taken of.</returns>
    public static (StepInput Noise, NodeProto Node) Write(GraphWriter w, NodeProto node, long[] dims, double ratio)
    {
        var noise = new StepInput(w.Name("dropout"), DataType.Float, dims);
        w.Graph.Input.Add(noise.Declare());
        DataType real = w.Real;
        w.Real = DataType.Float;
        string above = w.Greater(noise.Name, w.Scalar(ratio));
        w.Real = real;
        string mask = w.Mul(w.Indicator(above), 1 / (1 - ratio));
        var product = new NodeProto { OpType = "Mul", Name = node.Name };
        product.Input.Add([node.Input[0], mask]);
        product.Output.Add(node.Output[0]);
        w.Add(product);
        return (noise, product);
    }
}
