using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// DynamicQuantizeLinear takes its scale from the range of all values, and that range always holds zero (ONNX operator
/// specification: max(0, max(x)) − min(0, min(x))). So units that are zero count for nothing in it, and every axis passes.
/// </summary>
internal sealed class DynamicQuantizeRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["DynamicQuantizeLinear"];

    public string Relation => "Y has the shape and the ids of X; zeros count for nothing in the scale, whose range always holds zero.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        if (c.Sources.ContainsKey(x))
        {
            c.Unknown(node, "quantises parameters when the model runs");
            return;
        }

        foreach (int axis in c.Of(x).Groups.SelectMany(g => g.Axes))
        {
            c.MaskValue(x, axis);
        }

        c.SetOutput(node, 0, c.Of(x));
        for (int i = 1; i < node.Output.Count; i++)
        {
            c.SetOutput(node, i, Layout.Fixed($"{node.Describe()}: one number for the tensor"));
        }
    }
}
