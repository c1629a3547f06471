using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Add, Sub, Mul, Div of two values, Sum and Mean of any number, all with broadcasting.</summary>
internal sealed class ArithmeticRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Add", "Sub", "Mul", "Div", "Sum", "Mean"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        long[] dims = g.OutputDims;
        for (int i = 0; i < node.Input.Count; i++)
        {
            if (g.Wants(i))
            {
                string dy = g.OutputGradient;
                string other = node.Input.Count == 2 ? node.Input[1 - i] : "";
                g.GiveReduced(
                    i,
                    node.OpType switch
                    {
                        "Sub" when i == 1 => w.Neg(dy),
                        "Mul" => w.Mul(dy, other),
                        "Div" when i == 0 => w.Div(dy, other),
                        // d(a/b)/db = −(a/b)/b.
                        "Div" => w.Neg(w.Div(w.Mul(dy, node.Output[0]), node.Input[1])),
                        "Mean" => w.Mul(dy, 1.0 / node.Input.Count),
                        _ => dy,
                    },
                    dims);
            }
        }
    }
}
