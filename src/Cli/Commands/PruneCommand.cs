using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Html;
using EdgePrune.Cli.Loop;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Budget.Orders;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Recipes;
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
    private readonly Option<RemovalOrder?> order = ScoringArguments.Word<RemovalOrder>("--order", "In what order units go until the budgets are met", "solver");
    private readonly FloorOptions floor = new();
    private readonly KnowledgeArguments knowledge = new();
    private readonly ScoringArguments scoring = new();
    private readonly ScheduleArguments schedule = new();
    private readonly RecipeOption recipes = new();
    private readonly Option<UnitKind[]?> kinds = SharedOptions.Kinds(UnitWords.OfBudgets);
    private readonly Option<bool> allowInexact = SharedOptions.AllowInexact();
    private readonly Option<ConstantHandling> constants = SharedOptions.Constants();
    private readonly Option<int> seed = SharedOptions.Seed();
    private readonly Option<string> device = SharedOptions.Device();
    private readonly Option<string?> data = new("--data", "--test")
    {
        Description = "Samples that nothing was fitted to: accuracy, F1 and agreement before and after, where they have labels.",
        HelpName = "path",
    };

    private readonly Option<string?> expected = new("--targets")
    {
        Description = "Array of --data that holds the numbers which the first output should be, for what is no classifier.",
        HelpName = "name",
    };

    private readonly Option<string?> html = SharedOptions.Html();
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
        foreach (Option option in new Option[] { output }.Concat(budgets).Append(ratio).Append(order).Concat(floor.All).Concat(scoring.All).Concat(schedule.All).Concat(knowledge.All).Concat([kinds, allowInexact, constants, seed, device, data, expected, html, plan, threads, provider, shapes, seconds, table]).Concat(recipes.All))
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
        PruneRecipe recipe = Recipe(parsed);
        recipes.Check(parsed, path, target, planPath);
        PruneOptions options = recipe.ToOptions();
        options = options with { CostStore = CostTableLocation.Resolve(options.CostStore, options.Device.Name) };
        OnnxModel loaded = ModelFile.Load(path, recipe.Shapes);
        OutputFile.Check(target, path, parsed.GetValue(data), recipe.Training?.Data);
        OutputFile.Check(planPath, path, target, parsed.GetValue(data), recipe.Training?.Data);
        if (knowledge.SavedAt(parsed) is { } priors)
        {
            OutputFile.Check(priors, path, target, planPath);
        }

        if (parsed.GetValue(html) is { } page)
        {
            OutputFile.Check(page, path, target, planPath, parsed.GetValue(data));
        }

        Dataset? samples = parsed.GetValue(data) is { } folder ? Dataset.Load(folder) : null;
        PruneDocument document = PruneStep.Run(loaded, target, planPath, options, samples, parsed.GetValue(expected), knowledge.SavedAt(parsed), refuseWorse: true, reporter, cancellationToken) with { Recipe = recipes.Save(parsed, recipe) };
        if (parsed.GetValue(html) is { } written)
        {
            HtmlPage.Write(written, ReportPage.Of(document, Path.GetFileName(path)));
            reporter.Note($"wrote {written}");
        }

        return new Outcome(document, console => PruneReport.Show(console, document), document.Target.Met ? ExitCode.Ok : ExitCode.TargetNotMet);
    }

    /// <summary>What the recipe's file says, and above it what was written out.</summary>
    internal PruneRecipe Recipe(ParseResult parsed)
    {
        PruneRecipe recipe = recipes.Load(parsed);
        return knowledge.Apply(parsed, floor.Apply(parsed, scoring.Apply(parsed, schedule.Apply(parsed, recipe)))) with
        {
            Order = parsed.Or(order, recipe.Order) ?? RemovalOrder.Solver,
            Seed = parsed.Or(seed, recipe.Seed),
            Device = parsed.Or(device, recipe.Device),
            Session = recipe.Session with { Threads = parsed.Or(threads, recipe.Session.Threads), Provider = parsed.Or(provider, recipe.Session.Provider) },
            Shapes = parsed.IsGiven(shapes) ? parsed.GetValue(shapes) : recipe.Shapes,
            CostStore = parsed.GetValue(table) is { } file ? Path.GetFullPath(file) : recipe.CostStore,
            SweepBudget = new Seconds(parsed.Or(seconds, recipe.SweepBudget.Value)),
            Coupling = recipe.Coupling with { Kinds = parsed.Or(kinds, recipe.Coupling.Kinds?.ToArray()), AllowInexact = parsed.Or(allowInexact, recipe.Coupling.AllowInexact) },
            Constants = parsed.Or(constants, recipe.Constants),
            Budget = Budget(parsed, recipe.Budget),
        };
    }

    // A limit takes the place of the recipe's limit on the same cost; a ratio and limits exclude each other.
    private BudgetRequest? Budget(ParseResult parsed, BudgetRequest? known)
    {
        BudgetTarget[] given = [.. budgets.Select(parsed.GetValue).OfType<BudgetTarget>()];
        return parsed.GetValue(ratio) is { } share ? BudgetRequest.Remove(share)
            : given.Length > 0 ? BudgetRequest.AtMost([.. given, .. (known?.Targets ?? []).Where(t => given.All(g => g.Metric != t.Metric))])
            : known;
    }
}
