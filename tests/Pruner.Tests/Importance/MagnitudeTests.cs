using EdgePrune.Onnx;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.TestSupport;

namespace Pruner.Tests.Importance;

public sealed class MagnitudeTests
{
    [Theory]
    [InlineData("l1", 1)]
    [InlineData("l2", 2)]
    public void Magnitude_is_the_norm_of_all_slices_each_relative_to_its_tensor(string name, int order)
    {
        // Two hidden neurons: rows of the first matrix and columns of the second, written out by hand.
        var g = new GraphBuilder();
        string hidden = g.Node("Gemm", [g.Input("x", 1, 2), g.Initializer(TensorEditor.FromFloats("a", [3, 4, 0, 1], 2, 2)), g.Weights(2)], ("transB", 1));
        string y = g.Node("Gemm", [g.Relu(hidden), g.Initializer(TensorEditor.FromFloats("b", [6, 2, 8, 0], 2, 2)), g.Weights(2)], ("transB", 1));
        OnnxModel model = g.Output(y).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        double[] scores = ImportanceCriteria.Find(name).Score(new ImportanceContext(model, coupling));

        double[] rows = order == 1 ? [7, 1] : [5, 1];
        double[] columns = order == 1 ? [14, 2] : [10, 2];
        double[] expected = [.. rows.Zip(columns, (r, c) => (r / rows.Average()) + (c / columns.Average()))];
        Assert.Equal(2, coupling.Units.Count);
        Assert.Equal(expected[0], scores[0], 6);
        Assert.Equal(expected[1], scores[1], 6);
    }

    [Fact]
    public void The_scale_of_a_normalisation_counts_its_statistics_do_not()
    {
        static double[] Scores(float scale, float variance)
        {
            var g = new GraphBuilder(seed: 5);
            string y = g.Conv(g.Input("x", 1, 2, 4, 4), 2, 2);
            string normal = g.Node(
                "BatchNormalization",
                [y, g.Initializer(TensorEditor.FromFloats("scale", [scale, 1], 2)), g.Weights(2), g.Weights(2), g.Initializer(TensorEditor.FromFloats("variance", [variance, 1], 2))]);
            OnnxModel model = g.Output(g.Conv(normal, 2, 3)).Build();
            return ImportanceCriteria.Find("l2").Score(new ImportanceContext(model, CouplingAnalysis.Run(model)));
        }

        Assert.NotEqual(Scores(1, 1), Scores(3, 1));
        Assert.Equal(Scores(1, 1), Scores(1, 9));
    }

    [Fact]
    public void Random_scores_follow_the_seed()
    {
        OnnxModel model = GraphShapes.Find("residual").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        IImportance random = ImportanceCriteria.Find("random");
        Assert.Equal(random.Score(new ImportanceContext(model, coupling) { Seed = 7 }), random.Score(new ImportanceContext(model, coupling) { Seed = 7 }));
        Assert.NotEqual(random.Score(new ImportanceContext(model, coupling) { Seed = 7 }), random.Score(new ImportanceContext(model, coupling) { Seed = 8 }));
    }

    [Fact]
    public void An_unknown_criterion_is_answered_with_those_there_are()
    {
        InputException refused = Assert.Throws<InputException>(() => ImportanceCriteria.Find("magic"));
        Assert.Contains("l2, l1, group-norm", refused.Message, StringComparison.Ordinal);
    }
}
