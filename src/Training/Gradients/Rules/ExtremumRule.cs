using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Max and Min of any number of values with broadcasting. Values that tie share the gradient.</summary>
internal sealed class ExtremumRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Max", "Min"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        string y = node.Output[0];
        string[] hits = [.. node.Input.Select(x => w.Indicator(w.Node("Equal", [x, y])))];
        string share = w.Div(g.OutputGradient, w.Sum([.. hits]));
        for (int i = 0; i < hits.Length; i++)
        {
            if (g.Wants(i))
            {
                g.GiveReduced(i, w.Mul(share, hits[i]), g.OutputDims);
            }
        }
    }
}
