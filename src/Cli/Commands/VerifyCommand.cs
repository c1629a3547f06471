using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;
using EdgePrune.Training.Data;

namespace EdgePrune.Cli.Commands;

/// <summary>Checks the law of surgery: the pruned model computes what the original computes with the removed units masked.</summary>
internal sealed class VerifyCommand : ReportingCommand
{
    private readonly Argument<string> original = SharedOptions.Model("original", "The model that the plan was made for.");
    private readonly Argument<string> pruned = SharedOptions.Model("pruned", "What pruning made of it.");
    private readonly Option<string> plan = new("--plan") { Description = "The plan that prune wrote.", Required = true, HelpName = "file" };
    private readonly Option<string?> data = SharedOptions.Data("Real samples to compare on as well.");
    private readonly Option<int> seed = SharedOptions.Seed();
    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();
    private readonly Option<int> runs = SharedOptions.InRange(
        new Option<int>("--runs") { Description = "Inputs of each kind, random and real.", DefaultValueFactory = _ => 8, HelpName = "n" }, 1, 10_000);

    public VerifyCommand()
        : base(
            "verify",
            "Compare the pruned model with the original whose removed units are masked to zero.",
            "edgeprune verify digits.onnx pruned.onnx --plan pruned.plan.json --data test.npz")
    {
        Add(original);
        Add(pruned);
        Add(plan);
        Add(data);
        Add(seed);
        Add(shapes);
        Add(runs);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        var made = PruningPlan.Load(parsed.GetValue(plan)!);
        OnnxModel before = ModelFile.Load(parsed.GetValue(original)!, parsed.GetValue(shapes));
        OnnxModel after = ModelFile.Load(parsed.GetValue(pruned)!, parsed.GetValue(shapes));
        RequireSame(made, parsed.GetValue(plan)!, before);
        int count = parsed.GetValue(runs);
        Dataset? samples = parsed.GetValue(data) is { } path ? Dataset.Load(path) : null;
        EquivalenceReport report = MaskedEquivalence.Check(
            before, after, made, count, parsed.GetValue(seed), parsed.GetValue(shapes), samples is null ? null : RealInputs.Of(before, samples, count));
        var document = VerifyDocument.Of(report, made);
        return new Outcome(document, console => VerifyReport.Show(console, document), report.Ok ? ExitCode.Ok : ExitCode.VerificationFailed);
    }

    private static void RequireSame(PruningPlan plan, string path, OnnxModel model)
    {
        string digest = PruningPlan.Digest(model);
        if (plan.ModelDigest != digest)
        {
            throw new InputException($"{path} was made for another model than {model.Source}: {plan.ModelDigest} is not {digest}. Give the model that was pruned as the first of the two");
        }
    }
}
