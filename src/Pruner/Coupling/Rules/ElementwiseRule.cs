using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Operators that compute each element from the elements at the same place, with broadcasting.</summary>
internal sealed class ElementwiseRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } =
    [
        "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cast", "Ceil", "Celu", "Clip", "Cos", "Cosh", "Dropout",
        "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "IsInf", "IsNaN", "LeakyRelu", "Log",
        "Mish", "Neg", "Not", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus",
        "Softsign", "Sqrt", "Tan", "Tanh", "ThresholdedRelu",
        "Add", "And", "BitShift", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Mean", "Min", "Mod",
        "Mul", "Or", "Pow", "PRelu", "Sub", "Sum", "Where", "Xor",
    ];

    public string Relation => "Inputs broadcast to one shape share the ids of every axis along which they have the same length.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        int rank = c.Rank(node.Output[0]);
        int[] outDims = c.Dims(node.Output[0])!;
        string[] inputs = [.. node.Input.Where(i => i.Length > 0)];
        var groups = new List<AxisIds>();
        foreach (string input in inputs)
        {
            int shift = rank - c.Rank(input);
            foreach (AxisIds group in c.Of(input).Groups)
            {
                Merge(c, groups, group.Move(axis => axis + shift));
            }
        }

        // An input that is not broadcast along an axis and cannot be cut there holds the others back.
        foreach (AxisIds group in groups)
        {
            foreach (string input in inputs)
            {
                int[] dims = c.Dims(input)!;
                int shift = rank - dims.Length;
                Layout layout = c.Of(input);
                bool spans = group.Axes.Any(axis => axis >= shift && dims[axis - shift] == outDims[axis] && outDims[axis] > 1);
                if (spans && group.Axes.All(axis => axis < shift || layout.GroupOf(axis - shift) is null))
                {
                    c.Freeze(group.Ids, layout.Reason);
                }
            }
        }

        var result = new Layout(groups, inputs.Select(i => c.Of(i).Reason).FirstOrDefault() ?? "");
        for (int i = 0; i < node.Output.Count; i++)
        {
            c.SetOutput(node, i, result);
        }
    }

    // Groups that share an axis are made to agree on the axes that they share.
    private static void Merge(CouplingBuilder c, List<AxisIds> groups, AxisIds added)
    {
        for (int i = 0; i < groups.Count; i++)
        {
            int[] shared = [.. groups[i].Axes.Intersect(added.Axes)];
            if (shared.Length == 0)
            {
                continue;
            }

            AxisIds other = groups[i];
            if (shared.Length == other.Axes.Length && shared.Length == added.Axes.Length && other.Axes.SequenceEqual(added.Axes))
            {
                c.Unite(other.Ids, added.Ids);
                return;
            }

            AxisIds a = other.IsSingle ? other : c.Project(other, shared[0]);
            AxisIds b = added.IsSingle ? added : c.Project(added, shared[0]);
            c.Unite(a.Ids, b.Ids);
            groups[i] = a;
            // Whatever ran along the other axes of the two cannot be cut there any more.
            foreach (AxisIds rest in groups.Where((_, j) => j != i).Where(g => g.Axes.Intersect(added.Axes).Any()))
            {
                c.Freeze(rest.Ids, "joined elementwise with units that run over several axes");
            }

            return;
        }

        groups.Add(added);
    }
}
