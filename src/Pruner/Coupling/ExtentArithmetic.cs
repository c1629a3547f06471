using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling.Rules;

namespace EdgePrune.Pruner.Coupling;

/// <summary>
/// The operators with which exporters compute shapes, on numbers that stand for lengths: views, picks and joins pass entries as they
/// are, arithmetic makes new ones that depend on all that went in. Anything else is not followed.
/// </summary>
internal static class ExtentArithmetic
{
    /// <summary>The entries of a node's output, or null where the operator (or this form of it) is not followed.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputs">Its inputs; null where left out.</param>
    /// <param name="dims">Dimensions of its output.</param>
    /// <param name="integer">True where its output holds integers.</param>
    public static Extent[]? Apply(NodeProto node, IReadOnlyList<ExtentTensor?> inputs, int[] dims, bool integer)
    {
        if (inputs[0] is not { } x)
        {
            return null;
        }

        switch (node.OpType)
        {
            case "Identity" or "Unsqueeze" or "Squeeze" or "Reshape" or "Flatten":
                return x.Entries;
            case "Cast":
                return [.. x.Entries.Select(e => integer ? Unary(e, Math.Truncate) : e)];
            case "Transpose":
                return x.Transpose(node.GetInts("perm") ?? [.. Enumerable.Range(0, x.Dims.Length).Reverse().Select(a => (long)a)]);
            case "Concat":
                return Concat(node, inputs, dims);
            case "Gather":
                return Gather(node, x, inputs);
            case "Slice":
                return Slice(node, x, inputs);
            case "ConstantOfShape" when integer && node.Find("value") is { T: { } fill }:
                return [.. Enumerable.Repeat(Extent.Constant(TensorReader.ToInts(fill)[0]), dims.Aggregate(1, (a, d) => a * d))];
            case "Floor":
                return [.. x.Entries.Select(e => Unary(e, Math.Floor))];
            case "Ceil":
                return [.. x.Entries.Select(e => Unary(e, Math.Ceiling))];
            case "Neg":
                return [.. x.Entries.Select(e => Unary(e, v => -v))];
            case "Not":
                return [.. x.Entries.Select(e => Unary(e, v => v == 0 ? 1 : 0))];
            case "ReduceProd" when dims.Aggregate(1, (a, d) => a * d) == 1:
                return [Extent.From(x.Entries.Aggregate(1.0, (a, e) => a * e.Number), x.Entries)];
            case "Add" or "Sub" or "Mul" or "Div" or "Min" or "Max" or "Equal" or "Less" or "Greater":
                return inputs is [_, { } y] ? Each(dims, i => Binary(node.OpType, x.At(i, dims), y.At(i, dims), integer)) : null;
            case "Where":
                return inputs is [_, { } a, { } b] ? Each(dims, i => Where(x.At(i, dims), a.At(i, dims), b.At(i, dims))) : null;
            default:
                return null;
        }
    }

    private static Extent[] Each(int[] dims, Func<int, Extent> at) =>
        [.. Enumerable.Range(0, dims.Aggregate(1, (a, d) => a * d)).Select(at)];

    private static Extent Unary(Extent e, Func<double, double> f)
    {
        double number = f(e.Number);
        return number == e.Number ? e : Extent.From(number, e);
    }

    private static Extent Binary(string op, Extent a, Extent b, bool integer)
    {
        // What a chunk of one part computes with must stay the length that it is.
        if (op is "Mul" or "Div" && b is { Number: 1, Reads.Count: 0 })
        {
            return a;
        }

        if (op is "Add" or "Sub" && b is { Number: 0, Reads.Count: 0 })
        {
            return a;
        }

        if (op == "Equal" && ((a.IsLength && IsNegative(b)) || (b.IsLength && IsNegative(a))))
        {
            // No length is negative, so this says nothing of the length.
            return Extent.Constant(0);
        }

        double number = op switch
        {
            "Add" => a.Number + b.Number,
            "Sub" => a.Number - b.Number,
            "Mul" => a.Number * b.Number,
            "Div" when integer => b.Number == 0 ? 0 : Math.Truncate(a.Number / b.Number),
            "Div" => a.Number / b.Number,
            "Min" => Math.Min(a.Number, b.Number),
            "Max" => Math.Max(a.Number, b.Number),
            "Equal" => a.Number == b.Number ? 1 : 0,
            "Less" => a.Number < b.Number ? 1 : 0,
            _ => a.Number > b.Number ? 1 : 0,
        };
        return Extent.From(number, a, b);
    }

    private static bool IsNegative(Extent e) => e is { Number: < 0, Reads.Count: 0 };

    private static Extent Where(Extent condition, Extent a, Extent b)
    {
        Extent chosen = condition.Number != 0 ? a : b;
        return condition.Reads.Count == 0 ? chosen : Extent.From(chosen.Number, condition, a, b);
    }

    private static Extent[]? Concat(NodeProto node, IReadOnlyList<ExtentTensor?> inputs, int[] dims)
    {
        int axis = CouplingBuilder.Axis(node.GetInt("axis", 0), dims.Length);
        if (inputs.Any(i => i is null || i.Dims.Length != dims.Length))
        {
            return null;
        }

        var entries = new List<Extent>();
        int outer = dims.Take(axis).Aggregate(1, (a, d) => a * d);
        for (int o = 0; o < outer; o++)
        {
            foreach (ExtentTensor? input in inputs)
            {
                int run = input!.Entries.Length / outer;
                entries.AddRange(input.Entries.AsSpan(o * run, run));
            }
        }

        return [.. entries];
    }

    private static Extent[]? Gather(NodeProto node, ExtentTensor x, IReadOnlyList<ExtentTensor?> inputs)
    {
        int axis = CouplingBuilder.Axis(node.GetInt("axis", 0), x.Dims.Length);
        return inputs is [_, { } picks] && axis < x.Dims.Length && picks.Entries.All(e => e.Reads.Count == 0 && e.Number >= -x.Dims[axis] && e.Number < x.Dims[axis])
            ? x.Take(axis, [.. picks.Entries.Select(e => CouplingBuilder.Axis((long)e.Number, x.Dims[axis]))])
            : null;
    }

    private static Extent[]? Slice(NodeProto node, ExtentTensor x, IReadOnlyList<ExtentTensor?> inputs)
    {
        // Opset 9 and before give the bounds as attributes.
        long[]? At(int input) => input >= inputs.Count || inputs[input] is not { } tensor ? null
            : tensor.Entries.All(e => e.Reads.Count == 0) ? [.. tensor.Entries.Select(e => (long)e.Number)] : null;
        if (inputs.Skip(1).Any(i => i is not null && i.Entries.Any(e => e.Reads.Count > 0)) || Bounds.TryRead(node, At, x.Dims) is not { } bounds)
        {
            return null;
        }

        foreach (Bound bound in bounds)
        {
            int[] indices = [.. bound.Indices];
            int[] dims = [.. x.Dims];
            Extent[] taken = x.Take(bound.Axis, indices);
            dims[bound.Axis] = indices.Length;
            x = new ExtentTensor(taken, dims);
        }

        return x.Entries;
    }
}
