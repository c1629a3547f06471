using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Pooling: channels pass, spatial axes are mixed.</summary>
internal sealed class PoolRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } =
        ["AveragePool", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "LpPool", "MaxPool"];

    public string Relation => "X [N, C, …] to Y [N, C, …]: channels pass, spatial axes are frozen. Everything is frozen where the indices of a MaxPool are read.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        if (node.Output.Count > 1 && (c.Index.Consumers(node.Output[1]).Count > 0 || c.Index.Outputs.Contains(node.Output[1])))
        {
            c.Unknown(node, "its indices count over all channels");
            return;
        }

        Spatial.Freeze(c, x, node);
        Spatial.SetOutput(c, node, x, c.Ids(x, 1));
        c.SetOutput(node, 1, Layout.Fixed($"{node.Describe()}: indices that nobody reads"));
    }
}
