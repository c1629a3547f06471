using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Surgery;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using MathNet.Numerics.LinearAlgebra;
using Pruner.Tests.Importance;

namespace Pruner.Tests.Reconstruction;

public sealed class ReconstructorTests
{
    private static readonly ReconstructionOptions Exact = new() { Ridge = 1e-7 };

    [Fact]
    public void The_following_layer_is_the_least_squares_fit_on_what_is_left()
    {
        OnnxModel model = SmallNetworks.TwoLayers();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        double[][] rows = Samples.Noise(80, 2, 3);
        OnnxModel pruned = ModelSurgeon.Apply(model, coupling, [1]);
        ReconstructionResult result = Reconstructor.Run(
            model, pruned, coupling, [1], Samples.Of(rows), Exact, cancel: TestContext.Current.CancellationToken);

        // Hidden units 0 and 2 and a one, fitted to the outputs of the original.
        Matrix<double> x = Matrix<double>.Build.DenseOfRowArrays(rows.Select(r => new[] { SmallNetworks.HiddenOf(r)[0], SmallNetworks.HiddenOf(r)[2], 1 }));
        Matrix<double> y = Matrix<double>.Build.DenseOfRowArrays(rows.Select(r => SmallNetworks.OutputOf(r)));
        Matrix<double> expected = x.QR().Solve(y);
        float[] weights = Values(result.Model, "b");
        float[] bias = Values(result.Model, "b_bias");
        for (int o = 0; o < 2; o++)
        {
            Assert.Equal(expected[0, o], weights[2 * o], 3);
            Assert.Equal(expected[1, o], weights[(2 * o) + 1], 3);
            Assert.Equal(expected[2, o], bias[o], 3);
        }

        Assert.True(Assert.Single(result.Layers).After < result.Layers[0].Before);
        Assert.Equal(Values(pruned, "a"), Values(result.Model, "a"));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("normalised")]
    [InlineData("residual")]
    [InlineData("grouped")]
    [InlineData("depthwise")]
    public void A_channel_that_others_can_say_is_made_up_for_wholly(string kind)
    {
        // Channel 3 of the first convolution is the sum of channels 0 and 1, and no activation stands between.
        OnnxModel model = WithRedundantChannel(kind);
        CouplingResult coupling = CouplingAnalysis.Run(model);
        int unit = coupling.UnitsAlong("first", 0)![3];
        OnnxModel pruned = ModelSurgeon.Apply(model, coupling, [unit]);
        CalibrationData data = Samples.Of(Samples.Noise(60, 2 * 6 * 6, 5), [2, 6, 6]);
        Assert.True(Distance(model, pruned, data) > 0.01);
        ReconstructionResult result = Reconstructor.Run(
            model, pruned, coupling, [unit], data, Exact, cancel: TestContext.Current.CancellationToken);
        double left = Distance(model, result.Model, data);
        Assert.True(left < 2e-3, $"{left} of the output is left");
        Assert.NotEmpty(result.Layers);
        Assert.All(result.Layers, layer => Assert.True(layer.After <= layer.Before + 1e-6));
    }

    [Fact]
    public void A_branch_makes_up_for_what_the_trunk_has_lost()
    {
        // The trunk loses a channel that its neighbours can say only through the branch.
        var g = new GraphBuilder(seed: 4);
        string trunk = g.Conv(g.Input("x", -1, 2, 6, 6), 2, 5, 1);
        string branch = g.Conv(g.Relu(g.Conv(trunk, 5, 6)), 6, 5);
        OnnxModel model = g.Output(g.Conv(g.Node("Add", [trunk, branch]), 5, 3, 1)).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        int[] removed = [coupling.Groups.Single(c => c.Units.Count == 6).Units[2].Id, coupling.Groups.Single(c => c.Units.Count == 5).Units[1].Id];
        OnnxModel pruned = ModelSurgeon.Apply(model, coupling, removed);
        CalibrationData data = Samples.Of(Samples.Noise(80, 72, 2), [2, 6, 6]);
        double plain = Distance(model, Fit(Exact with { CompensateSums = false }), data);
        double summed = Distance(model, Fit(Exact), data);
        Assert.True(summed <= plain * 1.001, $"{summed} with, {plain} without");
        Assert.True(plain < Distance(model, pruned, data));

        OnnxModel Fit(ReconstructionOptions options) =>
            Reconstructor.Run(model, pruned, coupling, removed, data, options, cancel: TestContext.Current.CancellationToken).Model;
    }

    [Fact]
    public void Biases_move_the_mean_of_each_output_to_that_of_the_original()
    {
        OnnxModel model = SmallNetworks.TwoLayers();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        CalibrationData data = Samples.Of(Samples.Noise(50, 2, 8));
        OnnxModel pruned = ModelSurgeon.Apply(model, coupling, [0]);
        OnnxModel moved = Reconstructor.Run(
            model, pruned, coupling, [0], data, new ReconstructionOptions { Kind = ReconstructionKind.Bias }, cancel: TestContext.Current.CancellationToken).Model;
        Assert.Equal(Values(pruned, "b"), Values(moved, "b"));
        float[] was = Outputs(model, data);
        float[] now = Outputs(moved, data);
        for (int o = 0; o < 2; o++)
        {
            Assert.Equal(was.Where((_, i) => i % 2 == o).Average(), now.Where((_, i) => i % 2 == o).Average(), 4);
        }
    }

    [Fact]
    public void Layers_before_the_first_cut_stay_as_they_are()
    {
        OnnxModel model = SmallNetworks.TwoLayers();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        ReconstructionResult result = Reconstructor.Run(
            model, model, coupling, [], Samples.Of(Samples.Noise(20, 2, 8)), cancel: TestContext.Current.CancellationToken);
        Assert.Empty(result.Layers);
        Assert.Equal(model.ToBytes(), result.Model.ToBytes());
    }

    [Fact]
    public void Statistics_of_a_normalisation_are_those_of_the_batches()
    {
        var g = new GraphBuilder(seed: 4);
        string normal = g.BatchNorm(g.Input("x", -1, 2, 3, 3), 2);
        OnnxModel model = g.Output(normal).Build();
        double[][] rows = Samples.Noise(40, 18, 6);
        CalibrationData data = Samples.Of(rows, [2, 3, 3]);
        NodeProto node = Assert.Single(model.Graph.Node);
        OnnxModel estimated = NormalizationEstimator.Run(model, data, batch: 20, cancel: TestContext.Current.CancellationToken);
        // The order in which the samples are streamed.
        using ModelSession session = ModelSession.Create(model);
        float[] streamed = [.. data.Batches(session.Inputs, 40).SelectMany(b => b.Values["x"].GetTensorDataAsSpan<float>().ToArray())];
        for (int c = 0; c < 2; c++)
        {
            double[][] batches = [.. Enumerable.Range(0, 2).Select(b => Enumerable.Range(0, 20 * 9)
                .Select(i => (double)streamed[(((b * 20) + (i / 9)) * 18) + (c * 9) + (i % 9)]).ToArray())];
            Assert.Equal(batches.Average(b => b.Average()), Values(estimated, node.Input[3])[c], 5);
            Assert.Equal(batches.Average(b => b.Average(v => (v - b.Average()) * (v - b.Average()))), Values(estimated, node.Input[4])[c], 5);
        }
    }

    [Fact]
    public void A_model_without_normalisations_has_no_statistics_to_estimate() => Assert.Contains(
        "no BatchNormalization",
        Assert.Throws<InputException>(() => NormalizationEstimator.Run(
            SmallNetworks.TwoLayers(), Samples.Of(Samples.Noise(4, 2, 1)), cancel: TestContext.Current.CancellationToken)).Message,
        StringComparison.Ordinal);

    private static OnnxModel WithRedundantChannel(string kind)
    {
        var g = new GraphBuilder(seed: 3);
        string x = g.Input("x", -1, 2, 6, 6);
        float[] first = [1, 0.5f, -0.5f, 1, 0.25f, 2, 0.5f, 1.5f];
        string y = g.Node("Conv", [x, g.Initializer(TensorEditor.FromFloats("first", first, 4, 2, 1, 1)), g.Initializer(TensorEditor.FromFloats("first_bias", [0.1f, -0.2f, 0.3f, -0.1f], 4))]);
        switch (kind)
        {
            case "normalised":
                y = g.Conv(g.BatchNorm(g.Conv(y, 4, 5), 5), 5, 3);
                break;
            case "residual":
                string stem = g.Conv(x, 2, 3, 1);
                y = g.Conv(g.Relu(g.Node("Add", [stem, g.BatchNorm(g.Conv(y, 4, 3), 3)])), 3, 2);
                break;
            case "grouped":
                // A whole group's slice goes with the channel: what reads both groups makes up for it.
                y = g.Conv(g.Conv(y, 4, 6), 6, 4, group: 2);
                break;
            case "depthwise":
                y = g.Conv(g.Node("Conv", [y, g.Initializer(TensorEditor.FromFloats("depth", [.. Enumerable.Repeat(1f, 4)], 4, 1, 1, 1)), g.Weights(4)], ("group", 4)), 4, 3);
                break;
            default:
                y = g.Conv(y, 4, 3);
                break;
        }

        return g.Output(y).Build();
    }

    private static float[] Values(OnnxModel model, string name) => TensorReader.ToFloats(model.Graph.Initializer.Single(i => i.Name == name));

    private static double Distance(OnnxModel a, OnnxModel b, CalibrationData data)
    {
        float[] first = Outputs(a, data);
        float[] second = Outputs(b, data);
        return Math.Sqrt(first.Zip(second, (p, q) => (double)(p - q) * (p - q)).Sum() / first.Sum(p => (double)p * p));
    }

    private static float[] Outputs(OnnxModel model, CalibrationData data)
    {
        using ModelSession session = ModelSession.Create(model);
        var all = new List<float>();
        foreach (DatasetBatch batch in data.Batches(session.Inputs, 16))
        {
            using NamedValues outputs = session.Run(batch.Values);
            all.AddRange(outputs[session.OutputNames[0]].GetTensorDataAsSpan<float>());
        }

        return [.. all];
    }
}
