using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Loop.Boards;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;
using EdgePrune.Training.Data;

namespace EdgePrune.Cli.Loop;

/// <summary>
/// The whole way: profile, costs, rounds of plan, cut and measurement, check, recovery, deployment, measurement again, decision. One
/// call a step; the board is this machine or one behind an agent.
/// </summary>
internal sealed class PruningLoop(LoopOptions options, Reporter reporter, CancellationToken cancel)
{
    private const int CheckedInputs = 16;

    /// <summary>Runs it, or what is left of it. A model on probation when the process ends is rolled back, or found again by the next run.</summary>
    public LoopDocument Run()
    {
        OnnxModel model = ModelFile.Load(options.Model, options.Shapes);
        Dataset? data = Labelled(options.Data), training = Labelled(options.Train);
        string[] read = [.. new[] { options.Model, options.Data, options.Train }.OfType<string>()];
        OutputFile.Check(options.Output, read);
        OutputFile.Check(Path.ChangeExtension(options.Output, ".plan.json"), read);
        options.Page?.Check(read);
        using RunFolder run = RunFolder.Open(options.Run, options.Identity(), reporter);
        using ILoopBoard board = options.Remote is { } remote ? new AgentBoard(options, remote, run, reporter, cancel) : new LocalBoard(options, model, reporter, cancel);

        ProfileDocument profile = run.Step("profile", () => board.TakeProfile(model));
        CostTableDocument costs = run.Step("costs", () => board.MeasureCosts(model));
        var planner = new Lazy<Planner>(() => new Planner(model, costs, options));
        BudgetOutcome budget = new BudgetRounds(options, board, run, reporter, planner).Run();
        VerifyDocument verified = run.Step("verify", () => Verify(model, budget.Best, data));
        RecoveryDocument? recovered = training is null ? null : run.Step("recover", () => new Recovery(options, run, reporter, cancel).Run(model, budget.Best.Model, training));
        LoopDocument document = run.Step("verdict", () =>
        {
            string candidate = recovered?.Output ?? budget.Best.Model;
            using IBoardTrial trial = board.BeginTrial(candidate, $"pruned to {Figures.Percent(options.EnergyBudget, 0)} of the energy");
            ComparisonDocument again = trial.Compare();
            double? before = Accuracy(model, data), after = Accuracy(OnnxModel.Load(candidate), data);
            Verdict verdict = Decide(again, before, after);
            DeployedModel serving = verdict.IsKept ? trial.Commit() : trial.RollBack(string.Join("; ", verdict.Reasons));
            (string output, string plan) = HandOut(candidate, budget.Best.Plan, verdict);
            return Document(board, budget, verified, recovered, again, before, after, verdict, serving, output, plan);
        });
        if (options.Page is { } page)
        {
            page.Write(document, profile, CostCurves.Of(planner.Value.Costs, options.Model, costs.Device), reporter);
        }

        return document;
    }

    private static Dataset? Labelled(string? path) => path is null ? null : Dataset.Load(path, new DatasetOptions { RequireLabels = true });

    private VerifyDocument Verify(OnnxModel model, LoopRound best, Dataset? data)
    {
        var plan = PruningPlan.Load(best.Plan);
        EquivalenceReport report = reporter.Step("checking", _ => MaskedEquivalence.Check(
            model,
            OnnxModel.Load(best.Model),
            plan,
            CheckedInputs,
            options.Seed,
            options.Shapes,
            data is null ? null : RealInputs.Of(model, data, CheckedInputs)));
        return report.Ok
            ? VerifyDocument.Of(report, plan)
            : throw CommandFailure.VerificationFailed($"{best.Model} differs from the masked original by {report.MaxRelError:G2} of the output's range; it was not deployed");
    }

    private double? Accuracy(OnnxModel model, Dataset? data) => PruneStep.Accuracy(model, options.Session, data, cancel);

    private Verdict Decide(ComparisonDocument again, double? before, double? after) => Verdict.Of(
        Interval(again.LatencyRatio), Interval(again.EnergyRatio), before is { } old && after is { } now ? (old, now) : null, options.MaxAccuracyDrop, again.Provenance);

    private static Interval Interval(Figure figure) => new(figure.Median, figure.Low, figure.High, figure.Samples ?? 1, 0.95);

    // Only a model that was kept leaves the run's folder.
    private (string Output, string Plan) HandOut(string candidate, string candidatePlan, Verdict verdict)
    {
        if (!verdict.IsKept)
        {
            return (candidate, candidatePlan);
        }

        string output = Path.GetFullPath(options.Output);
        string plan = Path.ChangeExtension(output, ".plan.json");
        AtomicFile.WriteBytes(plan, File.ReadAllBytes(candidatePlan));
        AtomicFile.WriteBytes(output, File.ReadAllBytes(candidate));
        return (output, plan);
    }

    private LoopDocument Document(
        ILoopBoard board,
        BudgetOutcome budget,
        VerifyDocument verified,
        RecoveryDocument? recovered,
        ComparisonDocument again,
        double? before,
        double? after,
        Verdict verdict,
        DeployedModel serving,
        string output,
        string plan)
    {
        LoopRound best = budget.Best;
        return new LoopDocument(
            ModelFigures.Of(again.First, new FileInfo(options.Model).Length, before),
            ModelFigures.Of(again.Second, new FileInfo(output).Length, after),
            // The table predicts a share; the machine may have changed its speed since the sweep.
            new PredictedFigures(best.PredictedLatencyShare * again.First.LatencyMs.Median, best.PredictedShare * again.First.EnergyMj.Median),
            new PruneTarget("energy", options.EnergyBudget, best.PredictedShare, again.EnergyRatio.Median, budget.Word == BudgetWord.Met),
            verdict.Word,
            verdict.Reasons,
            serving,
            again.Provenance,
            again.ProvenanceSource,
            again.LatencyRatio,
            again.EnergyRatio,
            verified,
            output,
            plan,
            Path.GetFullPath(options.Run),
            budget.Rounds,
            budget.Word,
            recovered,
            board.Agent,
            again.Device,
            again.Warnings);
    }
}
