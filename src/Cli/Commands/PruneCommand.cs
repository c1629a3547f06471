using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Loop;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Training.Data;

namespace EdgePrune.Cli.Commands;

/// <summary>Removes the units that cost most and matter least until a budget is met.</summary>
internal sealed class PruneCommand : ReportingCommand
{
    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<string?> output = SharedOptions.Output();
    private readonly Option<BudgetTarget?>[] budgets =
    [
        BudgetOption.Of(CostMetric.Energy, "Energy of one execution that may remain. [default: the device's budget, where no other is given]"),
        BudgetOption.Of(CostMetric.Latency, "Latency that may remain."),
        BudgetOption.Of(CostMetric.Memory, "Memory that may remain: parameters and the values alive at the worst moment."),
        BudgetOption.Of(CostMetric.Size, "Bytes of parameters that may remain."),
        BudgetOption.Of(CostMetric.Macs, "Multiply-accumulates that may remain."),
    ];

    private readonly Option<double?> ratio = SharedOptions.Share("--ratio", "Share of all units to remove, above 0 and below 1.");
    private readonly ScoringArguments scoring = new();
    private readonly ScheduleArguments schedule = new();
    private readonly Option<UnitKind[]?> kinds = SharedOptions.Kinds(UnitWords.OfBudgets);
    private readonly Option<bool> allowInexact = SharedOptions.AllowInexact();
    private readonly Option<ConstantHandling> constants = SharedOptions.Constants();
    private readonly Option<int> seed = SharedOptions.Seed();
    private readonly Option<string> device = SharedOptions.Device();
    private readonly Option<string?> data = SharedOptions.Data("Labelled samples; accuracy is measured before and after.");
    private readonly Option<string?> plan = new("--plan") { Description = "Where the plan goes. [default: beside the pruned model]", HelpName = "file" };
    private readonly Option<int> threads = SharedOptions.Threads();
    private readonly Option<string> provider = SharedOptions.Provider();
    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();
    private readonly Option<double> seconds = SharedOptions.SweepSeconds();
    private readonly Option<string?> table = SharedOptions.CostTable();

    public PruneCommand()
        : base(
            "prune",
            "Remove the units that cost most and matter least until a budget is met.",
            "edgeprune prune samples/digits/digits.onnx -o pruned.onnx --energy-budget 70% --data samples/digits/test.npz")
    {
        Add(model);
        foreach (Option option in new Option[] { output }.Concat(budgets).Append(ratio).Concat(scoring.All).Concat(schedule.All).Concat([kinds, allowInexact, constants, seed, device, data, plan, threads, provider, shapes, seconds, table]))
        {
            Add(option);
        }

        Validators.Add(result =>
        {
            if (result.GetResult(ratio) is not null && budgets.Any(b => result.GetResult(b) is not null))
            {
                result.AddError("give budgets or --ratio, not both");
            }
        });
        Validators.Add(schedule.Check);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        string path = parsed.GetValue(model)!;
        string target = SharedOptions.OutputOf(parsed.GetValue(output), path);
        string planPath = parsed.GetValue(plan) ?? Path.ChangeExtension(target, ".plan.json");
        var board = Device.Load(parsed.GetValue(device)!);
        CalibrationData? calibration = scoring.Calibration(parsed, parsed.GetValue(seed));
        var options = new PruneOptions
        {
            Budget = Budget(parsed, board),
            Device = board,
            Session = SharedOptions.Settings(parsed, threads, provider),
            Scoring = scoring.Scoring(parsed, calibration),
            Layers = scoring.Layers(parsed),
            Reconstruction = scoring.Reconstruction(parsed, parsed.GetValue(seed)),
            Sparsity = scoring.Sparsity(parsed),
            Calibration = calibration,
            Coupling = SharedOptions.Coupling(parsed, kinds, allowInexact),
            Constants = parsed.GetValue(constants),
            Seed = parsed.GetValue(seed),
            Shapes = parsed.GetValue(shapes),
            CostStore = CostTableLocation.Resolve(parsed.GetValue(table), board.Name),
            SweepBudget = new Seconds(parsed.GetValue(seconds)),
        };
        options = schedule.Complete(options, parsed, scoring.Samples(parsed));
        OnnxModel loaded = ModelFile.Load(path, parsed.GetValue(shapes));
        OutputFile.Check(target, path, parsed.GetValue(data), schedule.Path(parsed));
        OutputFile.Check(planPath, path, target, parsed.GetValue(data), schedule.Path(parsed));
        Dataset? samples = parsed.GetValue(data) is { } folder ? Dataset.Load(folder) : null;
        PruneDocument document = PruneStep.Run(loaded, target, planPath, options, samples, refuseWorse: true, reporter, cancellationToken);
        return new Outcome(document, console => PruneReport.Show(console, document), document.Target.Met ? ExitCode.Ok : ExitCode.TargetNotMet);
    }

    private BudgetRequest Budget(ParseResult parsed, Device board)
    {
        BudgetTarget[] given = [.. budgets.Select(parsed.GetValue).OfType<BudgetTarget>()];
        return given.Length > 0 ? BudgetRequest.AtMost(given)
            : parsed.GetValue(ratio) is { } share ? BudgetRequest.Remove(share)
            : scoring.WantsSparsity(parsed) || schedule.DecidesUnits(parsed) ? BudgetRequest.Remove(0) // single weights are asked for, or training tells which units go
            : BudgetRequest.AtMost(CostMetric.Energy, board.Budgets.EnergyPercent / 100);
    }
}
