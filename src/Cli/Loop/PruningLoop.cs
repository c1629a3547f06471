using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Store;
using EdgePrune.Cli.Deployment;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;
using EdgePrune.Training.Data;

namespace EdgePrune.Cli.Loop;

/// <summary>The whole way: profile, costs and plan, prune, check, deploy, measure again, decide. One call a step.</summary>
internal sealed class PruningLoop(LoopOptions options, Reporter reporter, CancellationToken cancel)
{
    private const double CompareSeconds = 5;
    private const int CheckedInputs = 16;

    private readonly Device device = Device.Load(options.Device);

    /// <summary>Runs it, or what is left of it. A model on probation when the process ends is rolled back.</summary>
    public LoopDocument Run()
    {
        OnnxModel model = ModelFile.Load(options.Model, options.Shapes);
        Dataset? data = options.Data is null ? null : Dataset.Load(options.Data, new DatasetOptions { RequireLabels = true });
        OutputFile.Check(options.Output, options.Model, options.Data);
        OutputFile.Check(Path.ChangeExtension(options.Output, ".plan.json"), options.Model, options.Data);
        using RunFolder run = RunFolder.Open(options.Run, options.Identity(), reporter);

        run.Step("profile", () => TakeProfile(model));
        PruneDocument pruned = run.Step("prune", () => Prune(model, data, run));
        VerifyDocument verified = run.Step("verify", () => Verify(model, pruned, data));
        return run.Step("verdict", () =>
        {
            using LocalStore store = LocalStore.Open(options.Store);
            using ActiveDeployment trial = Deploy(store, pruned);
            (ModelComparison again, double? before, double? after) = MeasureAgain(model, trial, data);
            Verdict verdict = Decide(again, before, after);
            DeployedModel serving = Conclude(store, trial, verdict);
            return Document(HandOut(pruned, verdict), verified, again, before, after, verdict, serving);
        });
    }

    private ProfileDocument TakeProfile(OnnxModel model) =>
        ProfileDocument.Of(reporter.Step("profiling", progress => Profile.Run(
            model,
            new ProfileOptions { Device = device, Session = options.Session, Budget = new Seconds(options.ProfileSeconds), Seed = options.Seed, Shapes = options.Shapes },
            progress.From<ProfileProgress>(p => new StepProgress(p.Done, p.Stage)),
            cancel)), model.Path);

    // What was measured of the costs is in their table, so an interrupted sweep goes on where it was.
    private PruneDocument Prune(OnnxModel model, Dataset? data, RunFolder run) =>
        PruneStep.Run(
            model,
            run.PathOf("candidate.onnx"),
            run.PathOf("candidate.plan.json"),
            new PruneOptions
            {
                Budget = BudgetRequest.AtMost(CostMetric.Energy, options.EnergyBudget),
                Device = device,
                Session = options.Session,
                Scoring = new ScoringOptions { Criterion = options.Importance },
                Coupling = options.Coupling,
                Constants = options.Constants,
                Seed = options.Seed,
                Shapes = options.Shapes,
                CostStore = options.CostTable,
                SweepBudget = new Seconds(options.SweepSeconds),
            },
            data,
            refuseWorse: false, // the verdict below does, from a measurement of what is deployed
            reporter,
            cancel);

    private VerifyDocument Verify(OnnxModel model, PruneDocument pruned, Dataset? data)
    {
        var plan = PruningPlan.Load(pruned.Plan);
        EquivalenceReport report = reporter.Step("checking", _ => MaskedEquivalence.Check(
            model,
            OnnxModel.Load(pruned.Output),
            plan,
            CheckedInputs,
            options.Seed,
            options.Shapes,
            data is null ? null : RealInputs.Of(model, data, CheckedInputs)));
        return report.Ok
            ? VerifyDocument.Of(report, plan)
            : throw CommandFailure.VerificationFailed($"{pruned.Output} differs from the masked original by {report.MaxRelError:G2} of the output's range; it was not deployed");
    }

    private ActiveDeployment Deploy(LocalStore store, PruneDocument pruned) =>
        reporter.Step("deploying on probation", _ =>
        {
            if (store.Reader.Current is null)
            {
                // So that there is something to go back to.
                store.Deployer.Deploy(options.Model, new DeployRequest { Note = "the original, before a pruned model is tried" }, cancel);
            }

            return store.Deployer.Begin(pruned.Output, new DeployRequest { Note = $"pruned to {Figures.Percent(options.EnergyBudget, 0)} of the energy" }, cancel);
        });

    private (ModelComparison Again, double? Before, double? After) MeasureAgain(OnnxModel model, ActiveDeployment trial, Dataset? data) =>
        reporter.Step("measuring again", _ =>
        {
            OnnxModel deployed = OnnxModel.Load(trial.ModelPath);
            var again = ModelComparison.Run(model, deployed, device, options.Session, new Seconds(CompareSeconds), shapes: options.Shapes, cancel: cancel);
            return (again, PruneStep.Accuracy(model, options.Session, data, cancel), PruneStep.Accuracy(deployed, options.Session, data, cancel));
        });

    private Verdict Decide(ModelComparison again, double? before, double? after) =>
        Verdict.Of(again.LatencyRatio, again.EnergyRatio, before is { } old && after is { } now ? (old, now) : null, options.MaxAccuracyDrop, again.First.Energy.Provenance.Word);

    private static DeployedModel Conclude(LocalStore store, ActiveDeployment trial, Verdict verdict)
    {
        if (verdict.IsKept)
        {
            store.Deployer.Commit(trial);
        }
        else
        {
            store.Deployer.RollBack(trial, string.Join("; ", verdict.Reasons));
        }

        ModelDigest serving = store.Reader.Current ?? trial.Digest;
        return new DeployedModel(serving.ToString(), store.Reader.PathOf(serving));
    }

    // Only a model that was kept leaves the run's folder.
    private PruneDocument HandOut(PruneDocument candidate, Verdict verdict)
    {
        if (!verdict.IsKept)
        {
            return candidate;
        }

        string output = Path.GetFullPath(options.Output);
        string plan = Path.ChangeExtension(output, ".plan.json");
        AtomicFile.WriteBytes(plan, File.ReadAllBytes(candidate.Plan));
        AtomicFile.WriteBytes(output, File.ReadAllBytes(candidate.Output));
        return candidate with { Output = output, Plan = plan };
    }

    private LoopDocument Document(
        PruneDocument pruned, VerifyDocument verified, ModelComparison again, double? before, double? after, Verdict verdict, DeployedModel serving) => new(
        ModelFigures.Of(again.First, new FileInfo(options.Model).Length, before),
        ModelFigures.Of(again.Second, new FileInfo(pruned.Output).Length, after),
        pruned.Predicted,
        pruned.Target with { MeasuredShare = again.EnergyRatio.Median },
        verdict.Word,
        verdict.Reasons,
        serving,
        again.First.Energy.Provenance.Word,
        again.First.Energy.Provenance.Source,
        Figure.Of(again.LatencyRatio, 1)!,
        Figure.Of(again.EnergyRatio, 1)!,
        verified,
        pruned.Output,
        pruned.Plan,
        Path.GetFullPath(options.Run));
}
