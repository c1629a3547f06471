using EdgePrune.Onnx;
using EdgePrune.TestSupport;
using EdgePrune.Training.Steps;

namespace EdgePrune.Training.Tests.Gradients;

public sealed class LstmGradientTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 18)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Gradients_of_an_LSTM_of_any_form_agree_with_differences(int seed)
    {
        var random = new Random(seed);
        string direction = new[] { "forward", "reverse", "bidirectional" }[seed % 3];
        int directions = direction == "bidirectional" ? 2 : 1;
        (int length, int batch, int inputs, int hidden) = (random.Next(1, 6), random.Next(1, 4), random.Next(1, 5), random.Next(1, 5));
        var b = new GraphBuilder(seed: seed);
        string x = b.Input("x", length, batch, inputs);
        string w = b.Weights("w", [directions, 4 * hidden, inputs]);
        string r = b.Weights("r", [directions, 4 * hidden, hidden]);
        string bias = random.Next(3) == 0 ? "" : b.Weights("b", [directions, 8 * hidden]);
        string[] states = random.Next(2) == 0 ? [] : ["", b.Input("h", directions, batch, hidden), b.Input("c", directions, batch, hidden)];
        string[] outputs = b.Nodes("LSTM", [x, w, r, bias, .. states], 3, ("hidden_size", hidden), ("direction", direction));
        // All outputs, the sequence alone, or the last states alone.
        string[] read = (seed / 3 % 3) switch { 0 => outputs, 1 => [outputs[0]], _ => [outputs[1], outputs[2]] };
        GradientCheck.Run(b.Output(read).Build(), seed);
    }

    [Fact]
    public void A_form_that_is_not_covered_is_an_error_that_says_so()
    {
        var b = new GraphBuilder();
        string[] y = b.Nodes(
            "LSTM", [b.Input("x", 3, 1, 2), b.Weights(1, 8, 2), b.Weights(1, 8, 2), "", "", "", "", b.Weights(1, 6)], 3, ("hidden_size", 2));
        OnnxModel model = b.Output(b.Node("Reshape", [y[1], b.Ints(1, 2)])).Build();
        InputException error = Assert.Throws<InputException>(() => TrainingStep.Create(model, new TrainingOptions { BatchSize = 3 }));
        Assert.Contains("peepholes", error.Message, StringComparison.Ordinal);
    }
}
