using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Reshape and its kin: ids follow the elements through any factorisation of the dimensions.</summary>
internal sealed class ReshapeRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Flatten", "Reshape", "Squeeze", "Unsqueeze"];

    public string Relation => "Ids follow the elements, in row-major order, through any factorisation of the dimensions.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        if (node.OpType == "Reshape" && c.Of(x).Groups.Count > 0 && Shape(node, c) is null)
        {
            c.Unknown(node, "a shape computed in a way that cannot be followed");
            return;
        }

        c.SetOutput(node, 0, Factorisation.Map(c, node, c.Of(x), c.Dims(x)!, c.Dims(node.Output[0])!));
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string output = node.Output[0];
        if (node.OpType != "Reshape" || !s.IsCut(output))
        {
            return;
        }

        if (s.TryConstant(node.InputAt(1)) is { } constant)
        {
            // 0 (as in the input) and −1 (what is left) follow by themselves.
            long[] shape = [.. constant.Select((entry, axis) => entry > 0 && s.IsCut(output, axis) ? s.LengthAfter(output, axis) : entry)];
            node.Input[1] = s.AddInts($"{output}_shape", shape);
        }
    }

    // The shape must be constant, or assembled from lengths that are read when the model runs, −1 and numbers of fixed axes.
    private static Extent[]? Shape(NodeProto node, CouplingBuilder c)
    {
        Extent[]? shape = c.Extents.Of(node.InputAt(1));
        if (shape is null || c.Index.Constant(node.Input[1]) is not null)
        {
            return shape;
        }

        // Numbers inside an assembled shape would have to be found and rewritten where they stand; only −1 and 0 follow a cut.
        int[] dims = c.Dims(node.Output[0])!;
        return shape.Length == dims.Length && shape.Select((e, axis) => e.Value is not null || e.Number <= 0 || dims[axis] == 1).All(ok => ok) ? shape : null;
    }
}
