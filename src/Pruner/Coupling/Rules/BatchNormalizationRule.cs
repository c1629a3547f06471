using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Per-channel scale, shift and statistics along axis 1.</summary>
internal sealed class BatchNormalizationRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["BatchNormalization", "InstanceNormalization"];

    public string Relation => "X [N, C, …] and the parameters [C] share the ids of C; the other axes pass.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string x = node.Input[0];
        if (node.GetInt("spatial", 1) == 0)
        {
            c.Unknown(node, "statistics per activation");
            return;
        }

        if (node.GetInt("training_mode", 0) != 0 || node.Output.Skip(1).Any(o => c.Index.Consumers(o).Count > 0 || c.Index.Outputs.Contains(o)))
        {
            c.Unknown(node, "statistics of the batch");
            return;
        }

        if (node.OpType == "InstanceNormalization")
        {
            Spatial.Freeze(c, x, node);
        }

        int[]? channels = c.Ids(x, 1);
        foreach (string parameter in node.Input.Skip(1))
        {
            if (c.Dims(parameter)![0] > 1)
            {
                c.Match(channels, c.Of(x).Reason, c.Ids(parameter, 0), c.Of(parameter).Reason);
            }
        }

        for (int i = 0; i < node.Output.Count; i++)
        {
            // Outputs after the first are statistics of training, which nobody reads.
            c.SetOutput(node, i, i == 0 ? c.Of(x) : Layout.Fixed($"{node.Describe()}: training statistics"));
        }
    }
}
