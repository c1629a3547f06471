using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Store;
using EdgePrune.Cli.Deployment;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Cli.Loop.Boards;

/// <summary>This machine, with a store of its own.</summary>
internal sealed class LocalBoard(LoopOptions options, OnnxModel original, Reporter reporter, CancellationToken cancel) : ILoopBoard
{
    // Latencies settle sooner than energies.
    private const double EnergyShare = 2;
    private const double UsualProfileSeconds = 6;
    private readonly Device device = Device.Load(options.Device);

    public string? Agent => null;

    public ProfileDocument TakeProfile(OnnxModel model) =>
        ProfileDocument.Of(reporter.Step("profiling", progress => Profile.Run(
            model,
            new ProfileOptions { Device = device, Session = options.Session, Budget = new Seconds(options.ProfileSeconds ?? UsualProfileSeconds), Seed = options.Seed, Shapes = options.Shapes },
            progress.From<ProfileProgress>(p => new StepProgress(p.Done, p.Stage)),
            cancel)), model.Path);

    public CostTableDocument MeasureCosts(OnnxModel model)
    {
        var sweep = new SweepOptions
        {
            Device = device,
            Session = options.Session,
            Budget = new Seconds(options.SweepSeconds),
            Seed = options.Seed,
            Shapes = options.Shapes,
            Store = options.CostTable,
        };
        var resizer = new BlockResizer(CouplingAnalysis.Run(model, ShapeProbe.Run(model, shapes: options.Shapes), options.Coupling));
        return reporter.Step("measuring costs", progress => CostTableDocument.Of(
            CostSweep.Run(model, resizer, sweep, progress.From<ProfileProgress>(p => new StepProgress(p.Done, p.Stage)), cancel), sweep, model));
    }

    public ComparisonDocument Compare(string candidate, string title) => reporter.Step(title, _ =>
    {
        using IPowerSource? source = PowerSources.Open(device, reporter.Machine);
        var seconds = new Seconds(options.CompareSeconds);
        var comparison = ModelComparison.RunWith(
            source, seconds * EnergyShare, original, OnnxModel.Load(candidate), device, options.Session, seconds, shapes: options.Shapes, cancel: cancel);
        return ComparisonDocument.Of(comparison, device.Name, options.Session);
    });

    public IBoardTrial BeginTrial(string candidate, string note)
    {
        var store = LocalStore.Open(options.Store);
        bool begun = false;
        try
        {
            ActiveDeployment deployment = reporter.Step("deploying on probation", _ =>
            {
                if (store.Reader.Current is null)
                {
                    store.Deployer.Deploy(options.Model, new DeployRequest { Note = "the original, before a pruned model is tried" }, cancel);
                }

                return store.Deployer.Begin(candidate, new DeployRequest { Note = note }, cancel);
            });
            begun = true;
            return new Trial(this, store, deployment);
        }
        finally
        {
            if (!begun)
            {
                store.Dispose();
            }
        }
    }

    public void Dispose()
    {
    }

    private sealed class Trial(LocalBoard board, LocalStore store, ActiveDeployment deployment) : IBoardTrial
    {
        public ComparisonDocument Compare() => board.Compare(deployment.ModelPath, "measuring again");

        public DeployedModel Commit()
        {
            store.Deployer.Commit(deployment);
            return Serving();
        }

        public DeployedModel RollBack(string reason)
        {
            store.Deployer.RollBack(deployment, reason);
            return Serving();
        }

        public void Dispose()
        {
            deployment.Dispose();
            store.Dispose();
        }

        private DeployedModel Serving()
        {
            ModelDigest serving = store.Reader.Current ?? deployment.Digest;
            return new DeployedModel(serving.ToString(), store.Reader.PathOf(serving));
        }
    }
}
