using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Reports;
using EdgePrune.Cli.Tests.Drawing;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;

namespace EdgePrune.Cli.Tests;

public sealed class InspectReportTests
{
    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void Units_costs_and_what_is_frozen(int width)
    {
        InspectDocument document = GraphSamples.Of(GraphSamples.Residual(), "small.onnx").Inspected;

        Golden.Check($"inspect-{width}", Rendered.At(width, console => InspectReport.Show(console, document)));
    }

    [Fact]
    public void Inexact_units_are_marked_and_explained()
    {
        InspectDocument document = GraphSamples.Of(GraphSamples.Residual(), "small.onnx", new CouplingOptions { AllowInexact = true }).Inspected;

        Assert.Equal(4, Assert.Single(document.Kinds).Inexact);
        Golden.Check("inspect-inexact-80", Rendered.At(80, console => InspectReport.Show(console, document)));
    }

    [Fact]
    public void Names_that_would_move_the_cursor_are_shown_without_what_does()
    {
        InspectDocument document = GraphSamples.Of(GraphSamples.Residual(), "small.onnx", new CouplingOptions { AllowInexact = true }).Inspected;
        const string name = "a\e[2Jb\u202Ec\r\n";
        InspectDocument hostile = document with
        {
            Layers = [.. document.Layers.Select(l => l with { Name = name, Op = name })],
            Groups = [.. document.Groups.Select(g => g with { Inexact = name, Slices = [new TensorAxis(name, 0)] })],
            Blocks = [new InspectBlock(0, "block", name, 1, 1, [])],
            FrozenReasons = [new FrozenReason(name, 1, new TensorAxis(name, 0), name)],
        };

        string text = Rendered.At(80, console => InspectReport.Show(console, hostile));

        Assert.DoesNotContain(text, c => c is '\e' or '\u202E' or '\r');
        Assert.Contains("a?[2Jb?c??", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Shares_follow_from_what_units_reach()
    {
        InspectDocument document = GraphSamples.Of(GraphSamples.Residual(), "small.onnx").Inspected;

        // All convolutions but the last, which the softmax cuts off: 64 positions of 4 · 2 · 9.
        Assert.Equal(document.Macs - (64 * 4 * 2 * 9), document.Prunable.Macs);
        // Frozen: the last convolution, and the biases of the one before it.
        Assert.Equal(document.Params - ((4 * 2 * 9) + 2) - 4, document.Prunable.Params);
        Assert.Equal(document.Prunable.Params, document.Kinds.Sum(k => k.Params));
        Assert.True(document.Groups.Sum(g => g.Params) > document.Prunable.Params);
    }

    [Fact]
    public void A_deviation_of_inexact_units_is_no_failure()
    {
        var plan = new PruningPlan(PruningPlan.CurrentFormat, "sha256:0", [
            new RemovedUnit(0, 0, [], UnitKind.Channel),
            new RemovedUnit(1, 1, [], UnitKind.Neuron, "LayerNormalization 'norm': the mean runs over this axis"),
        ]);
        var document = VerifyDocument.Of(new EquivalenceReport(0.0312, 0.0127, true, 8, IsExact: false), plan);

        string text = Rendered.At(80, console => VerifyReport.Show(console, document));

        Golden.Check("verify-inexact-80", text);
        Assert.DoesNotContain("NOT", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Kinds_that_do_not_exist_are_refused_with_those_that_do()
    {
        CapturedRun run = CapturedRun.Of("inspect", Path.Combine(EdgePrune.TestSupport.Repository.Root, "samples", "digits", "digits.onnx"), "--kinds", "channel,filter");

        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains("'filter' is none of the kinds", run.Error, StringComparison.Ordinal);
        Assert.Contains("key-value-group", run.Error, StringComparison.Ordinal);
    }
}
