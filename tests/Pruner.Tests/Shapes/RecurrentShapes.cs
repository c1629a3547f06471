using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>LSTM, GRU and RNN: 6 steps, batch 1, 5 inputs, hidden width 4 or 7.</summary>
internal static class RecurrentShapes
{
    public static IReadOnlyList<GraphShape> All { get; } =
    [
        new("LSTM", g => g.Output(g.Dense(First(g, g.Layer("LSTM", X(g), 5, 7), 7), 7, 3)), 7),
        new("LSTM after a layer", g => g.Output(g.Dense(First(g, g.Layer("LSTM", g.Relu(g.Dense(X(g), 5, 8)), 8, 7), 7), 7, 3)), 8 + 7),
        new("LSTM in two directions", g => g.Output(g.Dense(Both(g, g.Layer("LSTM", X(g), 5, 7, directions: 2), 7), 14, 3)), 7),
        new("stacked LSTM", g => g.Output(g.Dense(First(g, g.Layer("LSTM", First(g, g.Layer("LSTM", X(g), 5, 4), 4), 4, 7), 7), 7, 3)), 4 + 7),
        new("LSTM with states and peepholes", g => g.Output(g.Dense(First(g, g.Layer("LSTM", X(g), 5, 7, states: true, peepholes: true), 7), 7, 3)), 7),
        new("LSTM read by its last state", g => g.Output(g.Dense(g.Layer("LSTM", X(g), 5, 7, output: 1), 7, 3)), 7),
        new("LSTM read by its cells", g => g.Output(g.Dense(g.Layer("LSTM", X(g), 5, 7, output: 2), 7, 3)), 7),
        new("activations that are not zero at zero", g => g.Output(g.Dense(First(g, g.Layer("LSTM", X(g), 5, 7, activations: ["HardSigmoid", "Sigmoid", "Sigmoid"]), 7), 7, 3)), 7),
        new("GRU", g => g.Output(g.Dense(First(g, g.Layer("GRU", X(g), 5, 7), 7), 7, 3)), 7),
        new("GRU that resets after the product", g => g.Output(g.Dense(First(g, g.Layer("GRU", X(g), 5, 7, resetAfter: true), 7), 7, 3)), 7),
        new("GRU in two directions with states", g => g.Output(g.Dense(Both(g, g.Layer("GRU", X(g), 5, 7, directions: 2, states: true), 7), 14, 3)), 7),
        new("RNN", g => g.Output(g.Dense(First(g, g.Layer("RNN", X(g), 5, 7), 7), 7, 3)), 7),
        new("states fed by the caller stay as wide", g => g.Output(g.Dense(First(g, g.Layer("LSTM", X(g), 5, 7, fedState: true), 7), 7, 3)), 0),
    ];

    /// <summary>A recurrent layer; the output asked for.</summary>
    public static string Layer(
        this GraphBuilder g, string op, string x, int input, int hidden, int directions = 1, bool states = false, bool peepholes = false,
        bool fedState = false, bool resetAfter = false, string[]? activations = null, int output = 0)
    {
        int gates = op switch { "LSTM" => 4, "GRU" => 3, _ => 1 };
        var inputs = new List<string> { x, g.Weights(directions, gates * hidden, input), g.Weights(directions, gates * hidden, hidden), g.Weights(directions, 2 * gates * hidden), "" };
        inputs.Add(fedState ? g.Input("state", directions, 1, hidden) : states ? g.Weights(directions, 1, hidden) : "");
        if (op == "LSTM")
        {
            inputs.Add(states ? g.Weights(directions, 1, hidden) : "");
            inputs.Add(peepholes ? g.Weights(directions, 3 * hidden) : "");
        }

        var attributes = new List<(string, object)> { ("hidden_size", hidden), ("direction", directions == 2 ? "bidirectional" : "forward") };
        if (resetAfter)
        {
            attributes.Add(("linear_before_reset", 1));
        }

        if (activations is not null)
        {
            attributes.Add(("activations", activations));
        }

        return g.Nodes(op, [.. inputs], op == "LSTM" ? 3 : 2, [.. attributes])[output];
    }

    private static string X(GraphBuilder g) => g.Input("x", 6, 1, 5);

    // [L, 1, N, H] to [L, N, H].
    private static string First(GraphBuilder g, string y, int hidden) => g.Shaped(g.Node("Squeeze", [y, g.Ints(1)]), 6, 1, hidden);

    // [L, 2, N, H] to [L, N, 2·H].
    private static string Both(GraphBuilder g, string y, int hidden) => g.Shaped(g.Perm(y, 0, 2, 1, 3), 6, 1, 2 * hidden);
}
