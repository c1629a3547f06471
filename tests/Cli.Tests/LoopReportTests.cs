using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Reports;

namespace EdgePrune.Cli.Tests;

public sealed class LoopReportTests
{
    private static readonly LoopDocument Kept = new(
        new ModelFigures { LatencyMs = 0.267, EnergyMj = 0.872, Macs = 12_500_000, Params = 197_000, Bytes = 796_819, Accuracy = 0.9972 },
        new ModelFigures { LatencyMs = 0.187, EnergyMj = 0.602, Macs = 8_140_000, Params = 129_000, Bytes = 525_312, Accuracy = 0.9944 },
        new PredictedFigures(0.183, 0.598),
        new PruneTarget("energy", 0.7, 0.686, 0.69, Met: true),
        "committed",
        ["latency (measured) is 70.0 % of before (69.1 to 71.2)", "energy (modelled) is 69.0 % of before (68.2 to 70.1)", "accuracy fell by 0.28 points, a fall of 2 is allowed"],
        new DeployedModel("sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "/home/pi/store/objects/0123456789ab.onnx"),
        "modelled",
        "coefficients of host.yaml",
        new Figure(0.7, 0.691, 0.712),
        new Figure(0.69, 0.682, 0.701),
        new VerifyDocument(1e-6, 2.2e-7, Ok: true, 1e-4, 32),
        "/home/pi/pruned.onnx",
        "/home/pi/pruned.plan.json",
        "/home/pi/run");

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Committed(int width) => Golden.Check($"loop-{width}", Rendered.At(width, console => LoopReport.Show(console, Kept)));

    [Fact]
    public void Rolled_back()
    {
        LoopDocument rolledBack = Kept with { Verdict = "rolled-back", Reasons = ["latency (measured) is 99.0 % of before (97.0 to 101.0): not certainly lower"] };

        Golden.Check("loop-rolled-back", Rendered.At(80, console => LoopReport.Show(console, rolledBack)));
    }
}
