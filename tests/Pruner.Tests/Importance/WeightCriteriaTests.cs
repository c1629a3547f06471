using EdgePrune.Onnx;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.TestSupport;

namespace Pruner.Tests.Importance;

public sealed class WeightCriteriaTests
{
    private static readonly OnnxModel Model = SmallNetworks.TwoLayers();
    private static readonly CouplingResult Coupling = CouplingAnalysis.Run(Model);

    // What belongs to each hidden neuron: its row of the first matrix, its column of the second.
    private static double[] Row(int u) => [SmallNetworks.Hidden[u, 0], SmallNetworks.Hidden[u, 1]];

    private static double[] Column(int u) => [SmallNetworks.Out[0, u], SmallNetworks.Out[1, u]];

    [Fact]
    public void Group_norm_is_the_norm_of_all_weights_of_the_unit_over_the_mean_of_its_group()
    {
        double[] norms = [.. Enumerable.Range(0, 3).Select(u => Math.Sqrt(Row(u).Concat(Column(u)).Sum(w => w * w)))];
        AssertClose([.. norms.Select(n => n / norms.Average())], UnitScoring.Score(new ImportanceContext(Model, Coupling), new ScoringOptions { Criterion = "group-norm" }));
    }

    [Theory]
    [InlineData(Reduction.Sum)]
    [InlineData(Reduction.Mean)]
    [InlineData(Reduction.Max)]
    [InlineData(Reduction.Norm)]
    public void Slices_are_put_together_as_asked(Reduction reduction)
    {
        double[] expected = [.. Enumerable.Range(0, 3).Select(u =>
        {
            double a = Math.Sqrt(Row(u).Sum(w => w * w));
            double b = Math.Sqrt(Column(u).Sum(w => w * w));
            return reduction switch
            {
                Reduction.Sum => a + b,
                Reduction.Mean => (a + b) / 2,
                Reduction.Max => Math.Max(a, b),
                _ => Math.Sqrt((a * a) + (b * b)),
            };
        })];
        AssertClose(expected, ImportanceCriteria.Find("group-norm").Score(new ImportanceContext(Model, Coupling) { Reduction = reduction }));
    }

    [Fact]
    public void Lamp_divides_a_square_by_those_that_are_at_least_as_large()
    {
        double[] squares = [.. Enumerable.Range(0, 3).Select(u => Row(u).Concat(Column(u)).Sum(w => w * w))];
        double[] expected = [.. squares.Select(s => s / squares.Where(other => other >= s).Sum())];
        AssertClose(expected, UnitScoring.Score(new ImportanceContext(Model, Coupling), new ScoringOptions { Criterion = "lamp" }));
        Assert.Equal(1, expected.Max());
    }

    [Fact]
    public void The_geometric_median_criterion_sums_distances_to_the_other_units()
    {
        double[] expected = [.. Enumerable.Range(0, 3).Select(u =>
            (Enumerable.Range(0, 3).Sum(v => Distance(Row(u), Row(v))) + Enumerable.Range(0, 3).Sum(v => Distance(Column(u), Column(v)))) / 2)];
        AssertClose([.. expected.Select(e => e / expected.Average())], UnitScoring.Score(new ImportanceContext(Model, Coupling), new ScoringOptions { Criterion = "fpgm" }));
    }

    [Fact]
    public void Slimming_reads_the_scale_of_a_normalisation_and_leaves_other_units_to_the_last()
    {
        var g = new GraphBuilder(seed: 2);
        string first = g.Conv(g.Input("x", 1, 2, 4, 4), 2, 3);
        string normal = g.Node(
            "BatchNormalization",
            [first, g.Initializer(TensorEditor.FromFloats("scale", [0.5f, -2, 1], 3)), g.Weights(3), g.Weights(3), g.Positive(3)]);
        OnnxModel model = g.Output(g.Conv(g.Relu(g.Conv(g.Relu(normal), 3, 4)), 4, 2)).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        double[] scores = UnitScoring.Score(new ImportanceContext(model, coupling), new ScoringOptions { Criterion = "slimming" });
        Assert.Equal([0.5, 2, 1], scores[..3]);
        Assert.Equal([2, 2, 2, 2], scores[3..]);
    }

    [Fact]
    public void Slimming_without_a_normalisation_is_refused()
    {
        InputException refused = Assert.Throws<InputException>(() => UnitScoring.Score(new ImportanceContext(Model, Coupling), new ScoringOptions { Criterion = "slimming" }));
        Assert.Contains("no unit passes a BatchNormalization", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScoreNormalization.Mean, 6)]
    [InlineData(ScoreNormalization.Sum, 1)]
    [InlineData(ScoreNormalization.Max, 0)]
    public void A_normalised_group_has_the_same_sum_or_maximum_as_every_other(ScoreNormalization normalization, double sumOfSix)
    {
        OnnxModel model = GraphShapes.Find("concat").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        double[] scores = UnitScoring.Score(new ImportanceContext(model, coupling), new ScoringOptions { Normalization = normalization });
        foreach (UnitGroup group in coupling.Groups)
        {
            double[] own = [.. group.Units.Select(u => scores[u.Id])];
            Assert.Equal(sumOfSix == 0 ? 1 : sumOfSix == 1 ? 1 : group.Units.Count, sumOfSix == 0 ? own.Max() : own.Sum(), 9);
        }
    }

    [Fact]
    public void In_the_scope_of_layers_each_gives_the_same_share_and_keeps_its_own_order()
    {
        OnnxModel model = GraphShapes.Find("concat").Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        double[] plain = UnitScoring.Score(new ImportanceContext(model, coupling), new ScoringOptions());
        double[] ranked = UnitScoring.Score(new ImportanceContext(model, coupling), new ScoringOptions { Scope = ScoreScope.Layer });
        Assert.Equal(2, coupling.Groups.Count);
        foreach (UnitGroup group in coupling.Groups)
        {
            Assert.Equal(group.Units.OrderBy(u => plain[u.Id]).Select(u => u.Id), group.Units.OrderBy(u => ranked[u.Id]).Select(u => u.Id));
            Assert.Equal(group.Units.Count / 2, group.Units.Count(u => ranked[u.Id] < 0.5));
        }
    }

    [Fact]
    public void Isomorphic_groups_are_ranked_together_and_others_apart()
    {
        // Two blocks of one kind (Conv, Relu, Conv) and one with a normalisation between.
        var g = new GraphBuilder(seed: 4);
        string y = g.Relu(g.Conv(g.Input("x", 1, 3, 8, 8), 3, 6, 1));
        y = g.Relu(g.Conv(y, 6, 10, 1));
        y = g.Relu(g.BatchNorm(g.Conv(y, 10, 8, 1), 8));
        OnnxModel model = g.Output(g.Conv(y, 8, 2, 1)).Build();
        CouplingResult coupling = CouplingAnalysis.Run(model);
        double[] plain = UnitScoring.Score(new ImportanceContext(model, coupling), new ScoringOptions());
        double[] ranked = UnitScoring.Score(new ImportanceContext(model, coupling), new ScoringOptions { Scope = ScoreScope.Isomorphic });
        int[] alike = [.. coupling.Groups.Where(c => c.Units.Count != 8).SelectMany(c => c.Units).Select(u => u.Id)];
        int[] apart = [.. coupling.Groups.Single(c => c.Units.Count == 8).Units.Select(u => u.Id)];
        Assert.Equal(16, alike.Length);
        foreach (int[] each in new[] { alike, apart })
        {
            Assert.Equal(each.OrderBy(u => plain[u]), each.OrderBy(u => ranked[u]));
            Assert.Equal(Enumerable.Range(0, each.Length).Select(i => (i + 0.5) / each.Length), each.Select(u => ranked[u]).Order());
        }
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, 5));
    }
}
