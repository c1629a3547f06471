using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Gradients;

/// <summary>The operators that rules, losses and optimisers are written in.</summary>
internal sealed partial class GraphWriter
{
    // Where axes, starts and pads became inputs.
    private const int SliceInputs = 10;
    private const int PadInputs = 11;
    private const int SumAxesInput = 13;
    private const int ReduceAxesInput = 18;

    public string Add(string a, string b) => Node("Add", [a, b]);

    public string Sub(string a, string b) => Node("Sub", [a, b]);

    public string Mul(string a, string b) => Node("Mul", [a, b]);

    public string Mul(string a, double b) => b == 1 ? a : Node("Mul", [a, Scalar(b)]);

    public string Div(string a, string b) => Node("Div", [a, b]);

    public string Neg(string a) => Node("Neg", [a]);

    public string Square(string a) => Node("Mul", [a, a]);

    public string Sqrt(string a) => Node("Sqrt", [a]);

    public string Exp(string a) => Node("Exp", [a]);

    /// <summary>The sum of at least one value of equal shapes.</summary>
    public string Sum(IReadOnlyList<string> values) => values.Count switch
    {
        1 => values[0],
        2 => Add(values[0], values[1]),
        _ => Node("Sum", [.. values]),
    };

    public string Where(string condition, string yes, string no) => Node("Where", [condition, yes, no]);

    public string Greater(string a, string b) => Node("Greater", [a, b]);

    public string Less(string a, string b) => Node("Less", [a, b]);

    /// <summary>A condition as 0 and 1 of the type <see cref="Real"/>.</summary>
    public string Indicator(string condition) => Cast(condition, Real);

    public string Cast(string a, DataType to) => Node("Cast", [a], n => n.SetInt("to", (long)to));

    public string Reshape(string a, params long[] dims) => Node("Reshape", [a, Ints(dims)]);

    public string Transpose(string a, params long[] perm) =>
        perm.Index().All(p => p.Index == p.Item) ? a : Node("Transpose", [a], n => n.SetInts("perm", perm));

    public string Expand(string a, long[] dims) => Node("Expand", [a, Ints(dims)]);

    public string Concat(IReadOnlyList<string> values, int axis) =>
        values.Count == 1 ? values[0] : Node("Concat", [.. values], n => n.SetInt("axis", axis));

    /// <summary>A·B of matrices, either of them transposed.</summary>
    public string Gemm(string a, string b, bool transA = false, bool transB = false, double alpha = 1) => Node("Gemm", [a, b, .. NoBias()], n =>
    {
        n.SetInt("transA", transA ? 1 : 0);
        n.SetInt("transB", transB ? 1 : 0);
        n.SetFloat("alpha", (float)alpha);
    });

    /// <summary>Products of the matrices on the last two axes.</summary>
    public string MatMul(string a, string b) => Node("MatMul", [a, b]);

    public string ReduceSum(string a, long[] axes, bool keep = true) => Reduce("ReduceSum", a, axes, keep, SumAxesInput);

    public string ReduceMean(string a, long[] axes, bool keep = true) => Reduce("ReduceMean", a, axes, keep, ReduceAxesInput);

    public string ReduceMax(string a, long[] axes, bool keep = true) => Reduce("ReduceMax", a, axes, keep, ReduceAxesInput);

    public string ReduceSumSquare(string a, long[] axes, bool keep = true) => Reduce("ReduceSumSquare", a, axes, keep, ReduceAxesInput);

    /// <summary>The sum of all elements, a scalar.</summary>
    public string SumAll(string a) => Node("ReduceSum", [a], n => n.SetInt("keepdims", 0));

    public string Slice(string a, long[] axes, long[] starts, long[] ends, long[]? steps = null)
    {
        if (Opset >= SliceInputs)
        {
            string[] inputs = [a, Ints(starts), Ints(ends), Ints(axes)];
            return Node("Slice", steps is null ? inputs : [.. inputs, Ints(steps)]);
        }

        if (steps is not null && steps.Any(s => s != 1))
        {
            return Take(a, axes, starts, ends, steps);
        }

        return Node("Slice", [a], n =>
        {
            n.SetInts("axes", axes);
            n.SetInts("starts", starts);
            n.SetInts("ends", ends);
        });
    }

    /// <summary>The elements of some axes, whose lengths are given, in reverse.</summary>
    public string Flip(string a, long[] axes, long[] lengths) => Opset >= SliceInputs
        ? Slice(a, axes, [.. axes.Select(_ => -1L)], [.. axes.Select(_ => long.MinValue)], [.. axes.Select(_ => -1L)])
        : axes.Zip(lengths).Aggregate(a, (value, p) => Gather(value, p.First, [.. Enumerable.Range(0, (int)p.Second).Select(i => p.Second - 1 - i)]));

    /// <summary>Elements of an axis by their indices.</summary>
    public string Gather(string a, long axis, long[] indices) => Node("Gather", [a, Ints(indices)], n => n.SetInt("axis", axis));

    /// <summary>Adds zeros before and after each axis; negative pads take elements away.</summary>
    /// <param name="a">The value.</param>
    /// <param name="pads">As ONNX orders them: all begins, then all ends.</param>
    public string Pad(string a, params long[] pads)
    {
        if (pads.All(p => p == 0))
        {
            return a;
        }

        return Opset >= PadInputs ? Node("Pad", [a, Ints(pads)]) : Node("Pad", [a], n => n.SetInts("pads", pads));
    }

    /// <summary>Zeros (or another number) of the given dimensions.</summary>
    public string Fill(long[] dims, double value = 0) => Expand(Scalar(value), dims);

    // Before opset 10 Slice has no steps; where both ends are plain positions the elements are named one by one.
    private string Take(string a, long[] axes, long[] starts, long[] ends, long[] steps)
    {
        if (!axes.Index().All(x => starts[x.Index] >= 0 && steps[x.Index] > 0 && ends[x.Index] is >= 0 and < int.MaxValue))
        {
            throw new InputException($"this gradient needs Slice with steps, which opset {Opset} has not; convert the model to opset {SliceInputs} or newer");
        }

        return axes.Index().Aggregate(a, (value, x) => Gather(
            value,
            x.Item,
            [.. Enumerable.Range(0, (int)((ends[x.Index] - starts[x.Index] + steps[x.Index] - 1) / steps[x.Index])).Select(i => starts[x.Index] + (i * steps[x.Index]))]));
    }

    private string Reduce(string op, string a, long[] axes, bool keep, int axesInput) => Opset >= axesInput
        ? Node(op, [a, Ints(axes)], n => n.SetInt("keepdims", keep ? 1 : 0))
        : Node(op, [a], n =>
        {
            n.SetInts("axes", axes);
            n.SetInt("keepdims", keep ? 1 : 0);
        });

    // Gemm's third input became optional in opset 11.
    private string[] NoBias() => Opset >= 11 ? [] : [Scalar(0)];
}
