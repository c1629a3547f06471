using System.Diagnostics.CodeAnalysis;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using Microsoft.ML.OnnxRuntime.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Gradients;

/// <summary>One node as its rule sees it: the gradients of its outputs, shapes and constants, and where the results go.</summary>
internal sealed class GradientContext
{
    private readonly GradientGraph owner;
    private readonly NodeProto node;

    public GradientContext(GradientGraph owner, NodeProto node)
    {
        this.owner = owner;
        this.node = node;
        string output = node.Output.First(o => owner.Gradient(o) is not null);
        Writer.Real = RealOf(output);
        OutputGradient = owner.Gradient(node.Output[0])!;
    }

    public GraphWriter Writer => owner.Writer;

    /// <summary>The gradient of the first output; null only for operators with several outputs of which it is not read.</summary>
    public string OutputGradient { get; }

    public string? GradientOf(int output) => owner.Gradient(node.Output[output]);

    public string Input(int index) => node.Input[index];

    public string Output => node.Output[0];

    /// <summary>True where the gradient of this input is on a path from what is trained to the loss.</summary>
    public bool Wants(int index) => node.InputAt(index) is { } name && owner.IsActive(name);

    /// <summary>Adds to the gradient of an input a value that has the input's shape.</summary>
    public void Give(int index, string gradient) => owner.Contribute(node.Input[index], gradient);

    /// <summary>Adds to the gradient of an input that was broadcast to the shape of <paramref name="gradient"/>.</summary>
    public void GiveReduced(int index, string gradient, long[] from) => Give(index, Reduce(gradient, from, Dims(node.Input[index])));

    /// <summary>Dimensions of a value at the batch that the graph is made for.</summary>
    public long[] Dims(string value) => owner.Shape(value).Dims;

    public TensorElementType TypeOf(string value) => owner.Shape(value).Type;

    /// <summary>Dimensions of an input.</summary>
    public long[] Dims(int index) => Dims(node.Input[index]);

    public long[] OutputDims => Dims(node.Output[0]);

    public int Rank(int index) => Dims(index).Length;

    /// <summary>An axis attribute, counted from the front.</summary>
    public int Axis(string attribute, long otherwise, int rank) => Normal(node.GetInt(attribute, otherwise), rank);

    public int Normal(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Unsupported($"axis {axis} of a value of rank {rank}");

    /// <summary>The integers of an input that is known before the graph runs.</summary>
    public bool TryConstantInts(int index, [NotNullWhen(true)] out long[]? values)
    {
        values = owner.Constant(node.InputAt(index)) is { } tensor ? TensorReader.ToInts(tensor) : null;
        return values is not null;
    }

    /// <summary>The integers of an input, or null where the input is left out; one that is computed must be constant after all.</summary>
    public long[]? ConstantInts(int index, string what)
    {
        if (node.InputAt(index) is null)
        {
            return null;
        }

        return TryConstantInts(index, out long[]? values) ? values : throw Unsupported($"{what} are computed, and must be constant here");
    }

    /// <summary>A number given by an input or, in older opsets, by an attribute.</summary>
    public double? ConstantReal(int index, string attribute)
    {
        if (node.InputAt(index) is { } name)
        {
            TensorProto tensor = owner.Constant(name) ?? throw Unsupported($"'{Printable.Name(name)}' is computed, and must be constant here");
            return TensorReader.ToFloats(tensor)[0];
        }

        return node.Find(attribute) is { HasF: true } a ? a.F : null;
    }

    public TensorProto? Constant(int index) => owner.Constant(node.InputAt(index));

    /// <summary>Sums over the axes along which <paramref name="to"/> was broadcast to <paramref name="from"/>.</summary>
    public string Reduce(string gradient, long[] from, long[] to)
    {
        if (from.SequenceEqual(to))
        {
            return gradient;
        }

        int lead = from.Length - to.Length;
        long[] axes = [.. Enumerable.Range(0, from.Length).Where(a => a < lead || (to[a - lead] == 1 && from[a] != 1)).Select(a => (long)a)];
        string sum = axes.Length == 0 ? gradient : Writer.ReduceSum(gradient, axes);
        return lead == 0 ? sum : Writer.Reshape(sum, to);
    }

    /// <summary>A further output of the node, named where the file leaves it out.</summary>
    public string NameOutput(int index)
    {
        while (node.Output.Count <= index)
        {
            node.Output.Add("");
        }

        if (node.Output[index].Length == 0)
        {
            node.Output[index] = Writer.Name($"{node.OpType}.{index}");
        }

        return node.Output[index];
    }

    public InputException Unsupported(string what) =>
        new($"{node.Describe()}: {what}; no gradient is known for this form. Change the graph, or train only parameters behind this node");

    private DataType RealOf(string value) => owner.Shape(value).Type switch
    {
        TensorElementType.Float => DataType.Float,
        TensorElementType.Double => DataType.Double,
        TensorElementType other => throw Unsupported($"its values are {other}: float and double can be trained"),
    };
}
