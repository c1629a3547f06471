using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Constant, and ConstantOfShape with a constant shape: parameters that stand in the graph.</summary>
internal sealed class ConstantRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } = ["Constant", "ConstantOfShape"];

    public string Relation => "A tensor of parameters that stands in the graph: every axis longer than one carries ids of its own.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        string output = node.Output[0];
        if (node.OpType == "Constant")
        {
            if (node.Find("value") is { T: { } tensor })
            {
                TensorProto named = tensor.Clone();
                named.Name = output;
                c.AddSource(named);
                return;
            }
        }
        else if (c.Index.Constant(node.Input[0]) is not null && c.Extents.Numbers(node.Input[0]) is { } dims)
        {
            c.AddSource(output, [.. dims.Select(d => checked((int)d))]);
            return;
        }

        c.SetOutput(node, 0, Layout.Fixed($"{node.Describe()}: computed when the model runs"));
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string output = node.Output[0];
        if (!s.IsCut(output))
        {
            return;
        }

        if (node.OpType == "Constant")
        {
            AttributeProto value = node.Find("value")!;
            value.T = s.Take(output, value.T);
        }
        else
        {
            node.Input[0] = s.AddInts($"{output}_shape", s.LengthsAfter(output));
        }
    }
}
