namespace Pruner.Tests.RandomGraphs;

/// <summary>Recurrent layers over tokens.</summary>
internal static class RecurrentSteps
{
    public static Dictionary<string, Action<GrownGraph, GraphStep>> All { get; } = new()
    {
        ["lstm"] = (g, s) => Recur(g, s, "LSTM", 4),
        ["gru"] = (g, s) => Recur(g, s, "GRU", 3),
        ["rnn"] = (g, s) => Recur(g, s, "RNN", 1),
    };

    private static void Recur(GrownGraph g, GraphStep s, string op, int gates)
    {
        GrownValue x = g.Pick(Form.Tokens, s);
        int hidden = 2 + s.Width;
        int directions = s.Flag() ? 2 : 1;
        string first = g.Graph.Node("Transpose", [x.Name], ("perm", new long[] { 1, 0, 2 }));
        string[] inputs =
        [
            first,
            g.Weights(x.Width, directions, gates * hidden, x.Width),
            g.Weights(hidden, directions, gates * hidden, hidden),
            .. s.Flag(1) ? [g.Weights(1, directions, 2 * gates * hidden)] : Array.Empty<string>(),
        ];
        (string, object)[] attributes = [("hidden_size", hidden), ("direction", directions == 2 ? "bidirectional" : "forward")];
        string[] outputs = g.Graph.Nodes(op, inputs, 2, attributes);
        if (s.Flag(2))
        {
            // The last state: [directions, 2, hidden].
            string state = g.Graph.Node("Reshape", [g.Graph.Node("Transpose", [outputs[1]], ("perm", new long[] { 1, 0, 2 })), g.Graph.Ints(2, directions * hidden)]);
            g.Add(Form.Rows, g.Graph.Node("Pad", [state, g.Graph.Ints(0, 0, 1, 0)]), 3, directions * hidden);
            return;
        }

        // [T, directions, 2, hidden] → [2, T, directions · hidden].
        string turned = g.Graph.Node("Transpose", [outputs[0]], ("perm", new long[] { 2, 0, 1, 3 }));
        g.Add(Form.Tokens, g.Graph.Node("Reshape", [turned, g.Graph.Ints(0, 0, directions * hidden)]), 2, x.Dims[1], directions * hidden);
    }
}
