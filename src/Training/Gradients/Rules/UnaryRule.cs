using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Functions of one value, element by element: dx as a function of x, y and dy.</summary>
internal sealed class UnaryRule : IGradientRule
{
    private delegate string Derivative(NodeProto node, GraphWriter w, string x, string y, string dy);

    private static readonly Dictionary<string, Derivative> Functions = new(StringComparer.Ordinal)
    {
        ["Neg"] = (_, w, _, _, dy) => w.Neg(dy),
        ["Exp"] = (_, w, _, y, dy) => w.Mul(dy, y),
        ["Log"] = (_, w, x, _, dy) => w.Div(dy, x),
        ["Sqrt"] = (_, w, _, y, dy) => w.Div(w.Mul(dy, 0.5), y),
        ["Reciprocal"] = (_, w, _, y, dy) => w.Neg(w.Mul(dy, w.Square(y))),
        ["Abs"] = (_, w, x, _, dy) => w.Mul(dy, w.Node("Sign", [x])),
        ["Sin"] = (_, w, x, _, dy) => w.Mul(dy, w.Node("Cos", [x])),
        ["Cos"] = (_, w, x, _, dy) => w.Neg(w.Mul(dy, w.Node("Sin", [x]))),
        ["Sigmoid"] = (_, w, _, y, dy) => w.Mul(dy, w.Sub(y, w.Square(y))),
        ["Tanh"] = (_, w, _, y, dy) => w.Sub(dy, w.Mul(dy, w.Square(y))),
        ["Erf"] = (_, w, x, _, dy) => w.Mul(dy, w.Mul(w.Exp(w.Neg(w.Square(x))), 2 / Math.Sqrt(Math.PI))),
        ["Softplus"] = (_, w, x, _, dy) => w.Mul(dy, w.Node("Sigmoid", [x])),
        ["Softsign"] = (_, w, x, _, dy) => w.Div(dy, w.Square(w.Add(w.Node("Abs", [x]), w.Scalar(1)))),
        ["LeakyRelu"] = (n, w, x, _, dy) => w.Where(w.Less(x, w.Scalar(0)), w.Mul(dy, Alpha(n, 0.01f)), dy),
        ["ThresholdedRelu"] = (n, w, x, _, dy) => w.Where(w.Greater(x, w.Scalar(Alpha(n, 1))), dy, w.Scalar(0)),
        // Below zero y = α(eˣ − 1), so that the slope is y + α.
        ["Elu"] = (n, w, x, y, dy) => w.Where(w.Less(x, w.Scalar(0)), w.Mul(dy, w.Add(y, w.Scalar(Alpha(n, 1)))), dy),
        ["Celu"] = (n, w, x, y, dy) => w.Where(w.Less(x, w.Scalar(0)), w.Mul(dy, w.Add(w.Mul(y, 1 / Alpha(n, 1)), w.Scalar(1))), dy),
        ["Selu"] = Selu,
        ["HardSigmoid"] = HardSigmoid,
        ["HardSwish"] = HardSwish,
        ["Mish"] = Mish,
    };

    public IReadOnlyList<string> Operators { get; } = [.. Functions.Keys];

    public void Differentiate(NodeProto node, GradientContext g) =>
        g.Give(0, Functions[node.OpType](node, g.Writer, node.Input[0], node.Output[0], g.OutputGradient));

    private static string Selu(NodeProto node, GraphWriter w, string x, string y, string dy)
    {
        double gamma = node.Find("gamma") is { HasF: true } given ? given.F : 1.05070102214813232421875;
        double alpha = Alpha(node, 1.67326319217681884765625f);
        return w.Mul(dy, w.Where(w.Less(x, w.Scalar(0)), w.Add(y, w.Scalar(alpha * gamma)), w.Scalar(gamma)));
    }

    private static string HardSigmoid(NodeProto node, GraphWriter w, string x, string y, string dy)
    {
        string inside = w.Node("And", [w.Greater(y, w.Scalar(0)), w.Less(y, w.Scalar(1))]);
        return w.Where(inside, w.Mul(dy, Alpha(node, 0.2f)), w.Scalar(0));
    }

    // x·max(0, min(1, x/6 + 1/2)): the slope is 0 below −3, 1 above 3, and x/3 + 1/2 between.
    private static string HardSwish(NodeProto node, GraphWriter w, string x, string y, string dy)
    {
        string slope = w.Add(w.Mul(x, 1.0 / 3), w.Scalar(0.5));
        slope = w.Where(w.Less(x, w.Scalar(-3)), w.Scalar(0), slope);
        return w.Mul(dy, w.Where(w.Greater(x, w.Scalar(3)), w.Scalar(1), slope));
    }

    // y = x·t with t = tanh(softplus(x)): y' = t + x·(1 − t²)·sigmoid(x).
    private static string Mish(NodeProto node, GraphWriter w, string x, string y, string dy)
    {
        string t = w.Node("Tanh", [w.Node("Softplus", [x])]);
        string bend = w.Mul(w.Mul(x, w.Node("Sigmoid", [x])), w.Sub(w.Scalar(1), w.Square(t)));
        return w.Mul(dy, w.Add(t, bend));
    }

    private static double Alpha(NodeProto node, float otherwise) => node.Find("alpha") is { HasF: true } a ? a.F : otherwise;
}
