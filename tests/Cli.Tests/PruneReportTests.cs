using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Reports;

namespace EdgePrune.Cli.Tests;

public sealed class PruneReportTests
{
    /// <summary>A pruning with all that can be told of one.</summary>
    internal static PruneDocument Document { get; } = new(
        new ModelFigures { LatencyMs = 0.267, EnergyMj = 0.872, Macs = 12_500_000, Params = 197_000, Bytes = 796_819, Accuracy = 0.9972 },
        new ModelFigures { LatencyMs = 0.187, EnergyMj = 0.602, Macs = 8_140_000, Params = 129_000, Bytes = 525_312, Accuracy = 0.9944 },
        new PredictedFigures(0.183, 0.598),
        "/home/pi/pruned.plan.json",
        "/home/pi/pruned.onnx",
        new PruneTarget("energy", 0.7, 0.686, 0.69, Met: true),
        [new PruneTarget("energy", 0.7, 0.686, 0.69, Met: true)],
        new PlanBound(1.2, 1.15, 4.3),
        66,
        [new RemovedKind("channel", 66, 0)],
        [new RemovedConstants("folded", 60), new RemovedConstants("dropped", 6)],
        "modelled",
        new Figure(0.7, 0.691, 0.712),
        new Figure(0.69, 0.682, 0.701),
        new VerifyDocument(1e-6, 2.2e-7, Ok: true, 1e-4, 32))
    {
        Evaluation = new EvaluationDocument(
            "test.npz",
            357,
            new EvaluationSide(Classified(0.9972), new RegressionFigures(0.12, 0.2, 0.98), 720_000, 690_000, 910_000),
            new EvaluationSide(Classified(0.9944), new RegressionFigures(0.14, 0.25, 0.97), 470_000, 455_000, 640_000),
            new AgreementFigures(0.9916, new RegressionFigures(0.3, 0.45, 0.993), null, null),
            14.2),
        Floor = new FloorFigures(0.985, 0.9931, 0.9862, 300, 7),
        Transfer = new TransferredPlan(3, 1, ["fc.weight"], []),
        CostsFrom = "raspberry-pi-5",
        Sparse = new SparseWeights(60_000, 120_000),
        Recipe = "recipe: 1\nbudget:\n  energy: 70%\n",
    };

    [Theory]
    [InlineData("top-5")]
    [InlineData("F1 (macro)")]
    [InlineData("Brotli")]
    [InlineData("memory (counted)")]
    [InlineData("same class for 99.16 %")]
    [InlineData("98.62 % on 300 held-out samples")]
    [InlineData("widths carried over for 3 groups by name")]
    [InlineData("of raspberry-pi-5, measured there")]
    [InlineData("nothing trained")]
    [InlineData("energy: 70%")]
    [InlineData("dog")]
    public void All_that_can_be_told_is_told(string words) =>
        Assert.Contains(words, Rendered.At(200, console => PruneReport.Show(console, Document)), StringComparison.Ordinal);

    [Fact]
    public void Agreement_at_positions_is_told_where_there_is_no_one_class_a_sample()
    {
        PruneDocument sequence = Document with { Evaluation = Document.Evaluation! with { Agreement = new AgreementFigures(null, new RegressionFigures(0.3, 0.45, 0.9), 0.9712, 0.75) } };
        Assert.Contains("same class at 97.12 % of the positions, at all of 75.0 % of the samples", Rendered.At(200, console => PruneReport.Show(console, sequence)), StringComparison.Ordinal);
    }

    private static ClassificationFigures Classified(double share) => new(
        share, 1, share - 0.001, share - 0.002, share - 0.0015, share, share, share, [new EvalClass("cat", 180, share, share - 0.01, share - 0.005), new EvalClass("dog", 177, share - 0.01, share, share - 0.005)]);
}
