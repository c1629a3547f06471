using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace Pruner.Tests.RandomGraphs;

/// <summary>Activations, sums and products with constants and with other values, gates, normalisations over fixed statistics.</summary>
internal static class ElementwiseSteps
{
    private static readonly string[] Activations = ["Relu", "Sigmoid", "Tanh", "HardSwish", "Softplus", "LeakyRelu", "Elu", "Identity", "Erf", "Neg", "Abs", "Softsign"];

    public static Dictionary<string, Action<GrownGraph, GraphStep>> All { get; } = new()
    {
        ["activation"] = (g, s) => Any(g, s, x => g.Graph.Node(Activations[((s.Source % 2 * 6) + s.Variant) % Activations.Length], [x.Name])),
        ["clip"] = (g, s) => Any(g, s, x => g.Graph.Node("Clip", s.Flag() ? [x.Name, g.Scalar(-0.5f), g.Scalar(0.8f)] : [x.Name, "", g.Scalar(0.6f)])),
        ["swish"] = (g, s) => Any(g, s, x => g.Graph.Node("Mul", [x.Name, g.Graph.Node("Sigmoid", [x.Name])])),
        ["slope"] = (g, s) => Any(g, s, x => g.Graph.Node("PRelu", [x.Name, g.Weights(1, Along(x))])),
        ["constant"] = (g, s) => Any(g, s, x => g.Graph.Node(s.Flag() ? "Mul" : "Add", s.Flag(1) ? [g.Weights(1, Along(x)), x.Name] : [x.Name, g.Weights(1, Along(x))])),
        ["scalar"] = (g, s) => Any(g, s, x => g.Graph.Node(new[] { "Add", "Mul", "Sub", "Div", "Max", "Min" }[s.Variant], [x.Name, g.Scalar(0.7f)])),
        ["full constant"] = (g, s) => Any(g, s, x => g.Graph.Node("Add", [x.Name, g.Weights(1, [.. x.Dims.Select(d => (long)d)])])),
        ["meet"] = Meet,
        ["sum"] = (g, s) => Any(g, s, x => g.Graph.Node(s.Flag() ? "Sum" : "Mean", [x.Name, g.Graph.Relu(x.Name), x.Name])),
        ["where"] = Where,
        ["where against a constant"] = (g, s) => Any(g, s, x => g.Graph.Node("Where", [g.Graph.Node("Greater", [x.Name, g.Scalar(0.1f)]), x.Name, s.Flag() ? g.Scalar(0.2f) : g.Weights(1, Along(x))])),
        ["cast"] = (g, s) => Any(g, s, x => g.Graph.Node("Cast", [g.Graph.Node("Cast", [x.Name], ("to", (int)DataType.Double))], ("to", (int)DataType.Float))),
        ["dropout"] = (g, s) => Any(g, s, x => g.Graph.Node("Dropout", [x.Name])),
        ["batch norm"] = (g, s) => Any(g, s, x => g.Graph.Node("BatchNormalization", [x.Name, g.Weights(1, x.Width), g.Weights(1, x.Width), g.Weights(1, x.Width), g.Positive(x.Width)]), channelsFirst: true),
        ["gate"] = Gate,
        ["broadcast over space"] = (g, s) => Any(g, s, x => g.Graph.Node(s.Flag() ? "Mul" : "Sub", [x.Name, Reduced(g, "ReduceMean", x)]), channelsFirst: true),
        ["gate by a sum over channels"] = (g, s) => Any(g, s, x => g.Graph.Node("Mul", [x.Name, g.Graph.Node("Sigmoid", [g.Graph.Node("ReduceSum", [x.Name, g.Graph.Ints(1)], ("keepdims", 1))])]), channelsFirst: true),
        ["unknown"] = (g, s) => Any(g, s, x => g.Graph.Node("CumSum", [x.Name, g.Graph.Initializer(TensorEditor.FromInts(g.Name(), [1]))])),
    };

    /// <summary>Reduces everything but batch and channels, keeping the axes.</summary>
    public static string Reduced(GrownGraph g, string op, GrownValue x)
    {
        long[] axes = [.. Enumerable.Range(2, x.Dims.Length - 2).Select(a => (long)a)];
        return g.Opset >= 18
            ? g.Graph.Node(op, [x.Name, g.Graph.Ints(axes)], ("keepdims", 1))
            : g.Graph.Node(op, [x.Name], ("keepdims", 1), ("axes", axes));
    }

    /// <summary>Dimensions of a constant that has one value a channel.</summary>
    private static long[] Along(GrownValue x) => x.Form is Form.Tokens or Form.Rows ? [x.Width] : [x.Width, .. Enumerable.Repeat(1L, x.Dims.Length - 2)];

    // The form follows from the width drawn, so that each form meets each operator.
    private static void Any(GrownGraph g, GraphStep s, Func<GrownValue, string> make, bool channelsFirst = false)
    {
        GrownValue x = g.Pick((Form)(s.Width % (channelsFirst ? 3 : 5)), s);
        g.Same(x, make(x));
    }

    private static void Meet(GrownGraph g, GraphStep s)
    {
        GrownValue x = g.Pick((Form)(s.Width % 5), s);
        GrownValue y = g.TryPick(x.Form, s with { Source = s.Source / 2 }, v => v.Dims.SequenceEqual(x.Dims))!;
        g.Same(x, g.Graph.Node(new[] { "Add", "Mul", "Sub", "Max", "Min", "Add" }[s.Variant], [x.Name, y.Name]));
    }

    private static void Where(GrownGraph g, GraphStep s)
    {
        GrownValue x = g.Pick(Form.Image, s);
        GrownValue y = g.TryPick(Form.Image, s with { Source = s.Source / 2 }, v => v.Dims.SequenceEqual(x.Dims))!;
        byte[] flags = [.. Enumerable.Range(0, x.Dims[2] * x.Dims[3]).Select(i => (byte)(i % 3 == 0 ? 1 : 0))];
        string condition = g.Graph.Initializer(TensorEditor.FromRaw(g.Name(), DataType.Bool, flags, 1, 1, x.Dims[2], x.Dims[3]));
        g.Same(x, g.Graph.Node("Where", [condition, x.Name, y.Name]));
    }

    private static void Gate(GrownGraph g, GraphStep s)
    {
        GrownValue x = g.Pick(Form.Image, s);
        int small = s.Wide();
        string pooled = s.Flag() ? g.Graph.Node("GlobalAveragePool", [x.Name]) : Reduced(g, "ReduceMax", x);
        string squeezed = g.Graph.Relu(g.Graph.Node("Conv", [pooled, g.Weights(x.Width, small, x.Width, 1, 1), g.Weights(1, small)]));
        string gate = g.Graph.Node("HardSigmoid", [g.Graph.Node("Conv", [squeezed, g.Weights(small, x.Width, small, 1, 1), g.Weights(1, x.Width)])]);
        g.Same(x, g.Graph.Node("Mul", s.Flag(1) ? [x.Name, gate] : [gate, x.Name]));
    }
}
