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

    /// <summary>A loop against an agent that took two rounds.</summary>
    internal static LoopDocument Remote { get; } = Kept with
    {
        Rounds = [Round(1, 0.70, 0.69, 0.741, met: false), Round(2, 0.655, 0.651, 0.686, met: true)],
        Budget = BudgetWord.Met,
        Recovery = new RecoveryDocument("/home/pi/run/recovered.onnx", 1294, 143, 10, 8, 0.94, 0.99, 12.5),
        Agent = "https://camera-3.local:8480/",
        Device = "raspberry-pi-5",
        Deployed = new DeployedModel(Kept.Deployed.Digest, "https://camera-3.local:8480/"),
        Warnings = ["3 inference requests were answered while this was measured, which disturbs it"],
    };

    [Fact]
    public void Against_an_agent() => Golden.Check("loop-agent", Rendered.At(80, console => LoopReport.Show(console, Remote)));

    [Fact]
    public void A_budget_kept_within_what_a_measurement_can_tell_says_so()
    {
        LoopDocument near = Remote with { Target = new PruneTarget("energy", 0.7, 0.686, 0.712, Met: true) };
        Assert.Contains("kept by measurement, within the 2 %", Rendered.At(120, console => LoopReport.Show(console, near)), StringComparison.Ordinal);
    }

    private static LoopRound Round(int number, double aim, double predicted, double measured, bool met) => new(
        number, aim, predicted, predicted, measured, measured / predicted, met, IsCheapest: false, 64 + number, 3.5, "ab12",
        new Figure(measured, measured - 0.01, measured + 0.01), new Figure(measured, measured - 0.01, measured + 0.01),
        new MeasuredModel(new LatencyFigure(0.267, 0.266, 0.268, 0.28, 0.3, 900), new Figure(0.872, 0.87, 0.874), 12_500_000, 197_000, 796_000),
        new MeasuredModel(new LatencyFigure(0.187, 0.186, 0.188, 0.2, 0.22, 900), new Figure(0.602, 0.6, 0.604), 8_140_000, 129_000, 525_000),
        "/home/pi/run/candidate.onnx", "/home/pi/run/candidate.plan.json");

    [Fact]
    public void Rolled_back()
    {
        LoopDocument rolledBack = Kept with { Verdict = "rolled-back", Reasons = ["latency (measured) is 99.0 % of before (97.0 to 101.0): not certainly lower"] };

        Golden.Check("loop-rolled-back", Rendered.At(80, console => LoopReport.Show(console, rolledBack)));
    }
}
