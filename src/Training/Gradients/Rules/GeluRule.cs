using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// Gelu (Hendrycks and Gimpel, 2016): x·Φ(x), exact or by tanh; the runtime's own forms (contrib operators Gelu, FastGelu with
/// an optional bias, QuickGelu x·σ(αx)) too.
/// </summary>
internal sealed class GeluRule : IGradientRule
{
    private const double Cubic = 0.044715;

    public IReadOnlyList<string> Operators { get; } = ["Gelu", "com.microsoft.Gelu", "com.microsoft.FastGelu", "com.microsoft.QuickGelu"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        string x = node.Input[0];
        if (node.OpType == "FastGelu" && node.InputAt(1) is { } bias)
        {
            x = w.Add(x, bias);
        }

        string slope = node.OpType switch
        {
            "QuickGelu" => Sigmoid(w, x, node.Find("alpha") is { HasF: true } a ? a.F : 1.702f),
            "FastGelu" => Tanh(w, x),
            _ => node.GetString("approximate", "none") == "tanh" ? Tanh(w, x) : Exact(w, x),
        };
        string dx = w.Mul(g.OutputGradient, slope);
        if (g.Wants(0))
        {
            g.Give(0, dx);
        }

        if (g.Wants(1))
        {
            g.GiveReduced(1, dx, g.OutputDims);
        }
    }

    // Φ(x) + x·φ(x).
    private static string Exact(GraphWriter w, string x)
    {
        string phi = w.Mul(w.Exp(w.Mul(w.Square(x), -0.5)), 1 / Math.Sqrt(2 * Math.PI));
        string cumulative = w.Mul(w.Add(w.Node("Erf", [w.Mul(x, Math.Sqrt(0.5))]), w.Scalar(1)), 0.5);
        return w.Add(cumulative, w.Mul(x, phi));
    }

    // y = x/2·(1 + t), t = tanh(u), u = √(2/π)·(x + 0.044715x³).
    private static string Tanh(GraphWriter w, string x)
    {
        double scale = Math.Sqrt(2 / Math.PI);
        string square = w.Square(x);
        string t = w.Node("Tanh", [w.Mul(w.Mul(x, w.Add(w.Mul(square, Cubic), w.Scalar(1))), scale)]);
        string inner = w.Mul(w.Add(w.Mul(square, 3 * Cubic), w.Scalar(1)), scale);
        string bend = w.Mul(w.Mul(x, w.Sub(w.Scalar(1), w.Square(t))), inner);
        return w.Mul(w.Add(w.Add(t, w.Scalar(1)), bend), 0.5);
    }

    private static string Sigmoid(GraphWriter w, string x, double alpha)
    {
        string s = w.Node("Sigmoid", [w.Mul(x, alpha)]);
        return w.Add(s, w.Mul(w.Mul(x, alpha), w.Sub(s, w.Square(s))));
    }
}
