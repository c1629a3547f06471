using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// LSTM (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000) by backpropagation through time: X [L, N, I],
/// W [D, 4H, I], R [D, 4H, H], B [D, 8H], initial states [D, N, H]; gates in ONNX's order input, output, forget, cell.
/// </summary>
/// <remarks>
/// The gates of all steps come from the forward pass's Y in two products, so that only products element by element (the cell state
/// forward) and one small product (the hidden state's gradient backward) are written out step by step; all else is done for the
/// whole sequence at once.
/// </remarks>
internal sealed class LstmRule : IGradientRule
{
    private static readonly string[] Activations = ["Sigmoid", "Tanh", "Tanh"];

    public IReadOnlyList<string> Operators { get; } = ["LSTM"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        (long[] x, long[] r) = (g.Dims(0), g.Dims(2));
        Check(node, g, x[0]);
        string direction = node.GetString("direction", "forward");
        string y = g.NameOutput(0);
        string?[] outputs = [.. Enumerable.Range(0, 3).Select(i => i < node.Output.Count ? g.GradientOf(i) : null)];
        var parts = new List<Gradients>();
        for (int d = 0; d < (int)r[0]; d++)
        {
            var pass = new LstmPass(w, x[0], x[1], x[2], r[2], direction == "reverse" || d == 1);
            string? Of(string? value, long[] dims) =>
                value is null ? null : w.Reshape(w.Slice(value, [0], [d], [d + 1]), dims);
            parts.Add(pass.Run(
                node.Input[0],
                OneDirection(w, y, d, x, r)!,
                Of(node.Input[1], [4 * r[2], x[2]])!,
                Of(node.Input[2], [4 * r[2], r[2]])!,
                Of(node.InputAt(3), [8 * r[2]]),
                Of(node.InputAt(5), [x[1], r[2]]),
                Of(node.InputAt(6), [x[1], r[2]]),
                OneDirection(w, outputs[0], d, x, r),
                Of(outputs[1], [x[1], r[2]]),
                Of(outputs[2], [x[1], r[2]])));
        }

        Give(g, 0, () => w.Sum([.. parts.Select(p => p.X)]));
        Give(g, 1, () => Stack(w, parts.Select(p => p.W()), [4 * r[2], x[2]]));
        Give(g, 2, () => Stack(w, parts.Select(p => p.R()), [4 * r[2], r[2]]));
        Give(g, 3, () => Stack(w, parts.Select(p => w.Concat([p.Bias, p.Bias], 0)), [8 * r[2]]));
        Give(g, 5, () => Stack(w, parts.Select(p => p.Hidden()), [x[1], r[2]]));
        Give(g, 6, () => Stack(w, parts.Select(p => p.Cell()), [x[1], r[2]]));
    }

    private static void Give(GradientContext g, int input, Func<string> gradient)
    {
        if (g.Wants(input))
        {
            g.Give(input, gradient());
        }
    }

    // [L, D, N, H] → [L, N, H].
    private static string? OneDirection(GraphWriter w, string? value, int d, long[] x, long[] r) =>
        value is null ? null : w.Reshape(w.Slice(value, [1], [d], [d + 1]), x[0], x[1], r[2]);

    private static string Stack(GraphWriter w, IEnumerable<string> parts, long[] dims) =>
        w.Concat([.. parts.Select(p => w.Reshape(p, [1, .. dims]))], 0);

    private static void Check(NodeProto node, GradientContext g, long length)
    {
        if (node.InputAt(4) is not null && !(g.TryConstantInts(4, out long[]? lengths) && lengths.All(l => l == length)))
        {
            throw g.Unsupported("its sequences have lengths of their own");
        }

        if (node.InputAt(7) is not null || node.Find("clip") is not null || node.GetInt("input_forget", 0) != 0 || node.GetInt("layout", 0) != 0)
        {
            throw g.Unsupported("it has peepholes, clipping, coupled gates or batches first");
        }

        if (node.Find("activations") is { } given && given.Strings.Select((s, i) => s.ToStringUtf8() == Activations[i % 3]).Contains(false))
        {
            throw g.Unsupported("its activations are not Sigmoid, Tanh, Tanh");
        }
    }

    /// <summary>Gradients of one direction; those that may not be wanted are written when they are asked for.</summary>
    internal sealed record Gradients(string X, string Bias, Func<string> W, Func<string> R, Func<string> Hidden, Func<string> Cell);
}
