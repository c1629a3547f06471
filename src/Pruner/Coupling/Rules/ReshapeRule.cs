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
        Extent[]? shape = node.OpType == "Reshape" ? c.Extents.Of(node.InputAt(1)) : [];
        bool touches = c.Of(x).Groups.Count > 0;
        if (shape is null && (touches || c.Extents.Follows(node.Input[1])))
        {
            c.Unknown(node, "a shape computed in a way that cannot be followed");
            return;
        }

        Layout made = Factorisation.Map(c, node, c.Of(x), c.Dims(x)!, c.Dims(node.Output[0])!);
        ShapeInput.Relate(node, c, shape ?? [], made, entry => entry);
        c.SetOutput(node, 0, made);
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        if (node.OpType == "Reshape")
        {
            ShapeInput.Rewrite(node, s, input: 1, entry => entry, zeroCopies: node.GetInt("allowzero", 0) == 0);
        }
        else if (node.OpType == "Squeeze" && node.Find("axes") is null && node.InputAt(1) is null)
        {
            NameAxes(node, s);
        }
    }

    // Without axes Squeeze takes every axis of length one, and would take one that was cut to that length too.
    private static void NameAxes(NodeProto node, SurgeryContext s)
    {
        string x = node.Input[0];
        int[] all = [.. Enumerable.Range(0, s.Rank(x))];
        if (!all.Any(axis => s.IsCut(x, axis) && s.LengthAfter(x, axis) == 1))
        {
            return;
        }

        long[] axes = [.. all.Where(axis => s.Length(x, axis) == 1)];
        if (s.Opset < 13)
        {
            node.SetInts("axes", axes);
            return;
        }

        node.Input.Clear();
        node.Input.Add([x, s.AddInts($"{node.Output[0]}_axes", axes)]);
    }
}
