using System.Runtime.InteropServices;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Surgery.Constants;

/// <summary>Adds constants to the outputs of layers of a graph that was cut.</summary>
/// <param name="graph">The graph.</param>
/// <param name="context">Names and types of the cut.</param>
internal sealed class BiasEditor(GraphProto graph, SurgeryContext context)
{
    private readonly GraphIndex index = new(graph);

    /// <summary>Adds to each output of a layer.</summary>
    /// <param name="node">The layer in the graph that was cut.</param>
    /// <param name="sums">What is added to each output that is left.</param>
    /// <param name="type">Element type of the layer's output.</param>
    public void Add(NodeProto node, double[] sums, DataType type)
    {
        switch (node.OpType)
        {
            case "Conv" or "ConvTranspose":
                SetInput(node, 2, Bias(node, node.InputAt(2), sums, type));
                break;
            case "Gemm":
                AddToGemm(node, sums, type);
                break;
            case "MatMul" when FollowingAdd(node, sums.Length) is { } follows:
                int operand = follows.Input[0] == node.Output[0] ? 1 : 0;
                follows.Input[operand] = Bias(follows, follows.Input[operand], sums, type);
                break;
            default:
                AddAfter(node, sums, type);
                break;
        }
    }

    // Y = alpha A B + beta C.
    private void AddToGemm(NodeProto node, double[] sums, DataType type)
    {
        double alpha = node.Find("alpha") is { HasF: true } a ? a.F : 1;
        double beta = node.Find("beta") is { HasF: true } b ? b.F : 1;
        double[] scaled = Array.ConvertAll(sums, s => s * alpha);
        string? bias = node.InputAt(2);
        if (bias is null)
        {
            node.SetFloat("beta", 1);
            SetInput(node, 2, Bias(node, null, scaled, type));
        }
        else if (beta != 0 && IsVector(bias))
        {
            SetInput(node, 2, Bias(node, bias, Array.ConvertAll(scaled, s => s / beta), type));
        }
        else
        {
            AddAfter(node, scaled, type);
        }
    }

    // The bias with the sums added: in place where no other node reads it, else under a name of its own.
    private string Bias(NodeProto node, string? bias, double[] sums, DataType type)
    {
        double[] values = (double[])sums.Clone();
        if (bias is not null)
        {
            float[] old = TensorReader.ToFloats(index.Constant(bias)!);
            for (int i = 0; i < values.Length; i++)
            {
                values[i] += old.Length == 1 ? old[0] : old[i];
            }
        }

        bool own = bias is not null && index.Initializer(bias) is { } tensor && tensor.Dims.Count == 1 && tensor.Dims[0] == values.Length
            && index.Consumers(bias).Count == 1 && !index.Outputs.Contains(bias) && node.Input.Count(i => i == bias) == 1;
        if (own)
        {
            TensorProto changed = Vector(bias!, values, type);
            int place = Enumerable.Range(0, graph.Initializer.Count).First(i => graph.Initializer[i].Name == bias);
            changed.DocString = graph.Initializer[place].DocString;
            graph.Initializer[place] = changed;
            return bias!;
        }

        string name = context.FreeName($"{bias ?? node.Output[0]}_constant");
        graph.Initializer.Add(Vector(name, values, type));
        return name;
    }

    private void AddAfter(NodeProto node, double[] sums, DataType type)
    {
        string output = node.Output[0];
        string inner = context.FreeName($"{output}_unbiased");
        node.Output[0] = inner;
        string bias = context.FreeName($"{output}_constant");
        graph.Initializer.Add(Vector(bias, sums, type));
        int place = Enumerable.Range(0, graph.Node.Count).First(i => ReferenceEquals(graph.Node[i], node));
        graph.Node.Insert(place + 1, new NodeProto { OpType = "Add", Name = context.FreeName($"{output}_add"), Input = { inner, bias }, Output = { output } });
    }

    private NodeProto? FollowingAdd(NodeProto node, int width)
    {
        string output = node.Output[0];
        if (index.Outputs.Contains(output) || index.Consumers(output) is not [{ OpType: "Add" } add] || add.Input.Count(i => i == output) != 1)
        {
            return null;
        }

        string other = add.Input[0] == output ? add.Input[1] : add.Input[0];
        // An operand of more axes than the product adds one to the sum, which the vector that takes its place would not.
        return IsVector(other) && index.Constant(other)!.Dims.Count <= context.Rank(output) && index.Constant(other)!.Dims.LastOrDefault(1) is var length && (length == 1 || length == width) ? add : null;
    }

    // One value for each output, or one for all.
    private bool IsVector(string value) => index.Constant(value) is { } constant && constant.Dims.SkipLast(1).All(d => d == 1) && constant.Dims.Count <= 2;

    private static void SetInput(NodeProto node, int place, string value)
    {
        while (node.Input.Count <= place)
        {
            node.Input.Add("");
        }

        node.Input[place] = value;
    }

    private static TensorProto Vector(string name, double[] values, DataType type) => type switch
    {
        DataType.Float => TensorEditor.FromFloats(name, Array.ConvertAll(values, v => (float)v), values.Length),
        DataType.Double => TensorEditor.FromRaw(name, type, MemoryMarshal.AsBytes<double>(values).ToArray(), values.Length),
        DataType.Float16 => TensorEditor.FromRaw(name, type, MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, v => (Half)v)).ToArray(), values.Length),
        _ => throw new InvalidOperationException($"constants of type {type} are never folded"),
    };
}
