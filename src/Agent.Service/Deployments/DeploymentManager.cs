using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Jobs;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>
/// Deploys bundles one at a time and keeps what serves in step with the store. A model on probation is decided about by what
/// <see cref="ProbationRun"/> finds, or by a client; one that nobody has decided about in time goes back.
/// </summary>
internal sealed class DeploymentManager : IDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly StoreAccess store;
    private readonly ModelHost host;
    private readonly ModelLoader loader;
    private readonly CurrentModel current;
    private readonly StartWatch starts;
    private readonly IEnergyWindow energy;
    private readonly MeasurementTurns turns;
    private readonly ProbationSettings settings;
    private readonly TimeSpan runLimit;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private ActiveProbation? active;

    /// <summary>Serves the current model, unless it has brought the service down too often.</summary>
    public DeploymentManager(AgentSettings settings, StoreAccess store, StartWatch starts, ModelHost host, IEnergyWindow energy, MeasurementTurns turns, TimeProvider time, ILogger<DeploymentManager> logger)
    {
        this.settings = settings.ProbationRules;
        runLimit = settings.Inference.Deadline;
        this.store = store;
        this.starts = starts;
        this.host = host;
        this.energy = energy;
        this.turns = turns;
        this.time = time;
        this.logger = logger;
        Journal = new JournalView(store);
        loader = new ModelLoader(store.Reader, host, settings.Threads);
        current = new CurrentModel(store, loader, starts, host, settings.ProbationRules, logger);
        current.Start();
    }

    public StoreReader Reader => store.Reader;

    /// <summary>What has been deployed so far.</summary>
    public JournalView Journal { get; }

    /// <summary>Why no model is served although one has been deployed; null: all is well.</summary>
    public string? Fault => current.Fault;

    /// <summary>What is not as it should be although a model serves.</summary>
    public IEnumerable<string> Notices => ((string?[])[store.Problem, current.Notice]).OfType<string>();

    /// <summary>Told whenever a deployment changes its state.</summary>
    public ChangeSignal Changes { get; } = new();

    /// <summary>How far the probation of a deployment has come; null: it is not on one that the agent decides.</summary>
    public ProbationProgress? Progress(string id) => Volatile.Read(ref active) is { } now && now.Deployment.Id == id ? now.Run?.Progress : null;

    /// <summary>Verifies a bundle and brings its model into service on probation.</summary>
    /// <exception cref="InputException">The bundle, the model or the moment is not acceptable. What served still serves.</exception>
    /// <exception cref="IOException">The disk refused; likewise.</exception>
    public async Task<string> DeployAsync(Stream bundle, DeployOrder order, CancellationToken cancellationToken)
    {
        using IDisposable hold = await HoldAsync(cancellationToken).ConfigureAwait(false);
        if (active is not null)
        {
            throw new InputException($"deployment {active.Deployment.Id} is on probation; commit it or roll it back first");
        }

        (Deployer deployer, BundleIntake intake) = store.Open();
        using ReceivedBundle received = await intake.ReceiveAsync(bundle, cancellationToken).ConfigureAwait(false);
        ThrowIfBad(received.Manifest.Model, order.AllowBad);
        WhoDecides decides = order.Decides ?? (received.Manifest.Gates is null ? WhoDecides.Client : WhoDecides.Agent);
        using var candidate = new Candidate(loader, received, decides == WhoDecides.Agent);
        string text = $"bundle {received.Manifest.Name} version {received.Manifest.Version}{(order.Note is null ? "" : $": {order.Note}")}";
        ActiveDeployment deployment;
        try
        {
            deployment = await BlockingWork.RunAsync(() => deployer.Begin(received.ModelPath, candidate.Request(text), cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            Changes.Notify();
        }

        if (deployment.AlreadyCurrent)
        {
            if (Fault is not null)
            {
                current.Serve();
            }

            return deployment.Id;
        }

        bool begun = false;
        try
        {
            BeginProbation(deployer, deployment, candidate, ProbationPlan.Of(received.Manifest.Gates, settings), decides);
            begun = true;
        }
        finally
        {
            if (!begun)
            {
                deployment.Dispose(); // whatever went wrong, the old model is the current one again
            }

            Changes.Notify();
        }

        return deployment.Id;
    }

    /// <summary>Keeps the model on probation.</summary>
    /// <exception cref="InputException">That deployment is not on probation.</exception>
    public async Task CommitAsync(string id, CancellationToken cancellationToken)
    {
        using IDisposable hold = await HoldAsync(cancellationToken).ConfigureAwait(false);
        ActiveProbation probation = Undecided(id);
        await BlockingWork.RunAsync(() => Commit(probation, null)).ConfigureAwait(false);
    }

    /// <summary>Puts the model before the one on probation back.</summary>
    /// <exception cref="InputException">That deployment is not on probation.</exception>
    public async Task RollBackAsync(string id, string reason, CancellationToken cancellationToken)
    {
        using IDisposable hold = await HoldAsync(cancellationToken).ConfigureAwait(false);
        ActiveProbation probation = Undecided(id);
        await BlockingWork.RunAsync(() => RollBack(probation, reason, null)).ConfigureAwait(false);
    }

    /// <summary>Puts the previous model back in place of a committed one.</summary>
    /// <exception cref="InputException">There is none, or a deployment is on probation.</exception>
    public async Task RollBackToPreviousAsync(string reason, CancellationToken cancellationToken)
    {
        using IDisposable hold = await HoldAsync(cancellationToken).ConfigureAwait(false);
        await BlockingWork.RunAsync(() =>
        {
            store.Open().Deployer.RollBackToPrevious(reason);
            current.Serve();
        }).ConfigureAwait(false);
        Changes.Notify();
    }

    public void Dispose()
    {
        gate.Wait();
        using var hold = new Releaser(gate); // the gate itself stays: a verdict that has just come may be waiting at it
        active?.Dispose();
        active = null;
        starts.Stop();
        starts.Dispose();
        host.Dispose();
        store.Dispose(); // a deployment still on probation is rolled back by the next start
    }

    private void ThrowIfBad(BundleResource model, bool allow)
    {
        if (!ModelDigest.TryParse(model.Digest, out ModelDigest? digest) || !starts.IsBad(digest, out string reason))
        {
            return;
        }

        if (!allow)
        {
            throw new InputException($"the model {digest} is known as bad: {reason}; deploy it with \"allowBad\": true if it is to be tried again");
        }

        starts.Pardon(digest);
    }

    private void BeginProbation(Deployer deployer, ActiveDeployment deployment, Candidate candidate, ProbationPlan plan, WhoDecides decides)
    {
        Trial trial = host.BeginTrial(candidate.Take());
        current.Serves(deployment.Digest);
        var probation = new ActiveProbation(deployment, deployer, trial);
        active = probation;
        if (decides == WhoDecides.Agent)
        {
            var services = new ProbationServices(host, energy, turns, () => OnnxModel.FromBytes(File.ReadAllBytes(deployment.ModelPath), "the model on probation"), runLimit, time);
            probation.Run = new ProbationRun(trial, plan, services, candidate.TakeCanaries(), trial.Model.Stats.Canaries, verdict => Later(probation, verdict));
        }
        else
        {
            probation.Deadline = time.CreateTimer(
                _ => Later(probation, Rejected($"nobody decided within {plan.Time}", trial)), null, plan.Time, Timeout.InfiniteTimeSpan);
        }

        trial.Attach(failure => Failed(probation, failure), probation.Run is { } run ? run.TryTake : null);
        probation.Run?.Start();
    }

    private static DeploymentVerdict Rejected(string reason, Trial trial) =>
        new() { Decision = DeploymentVerdict.RolledBack, Reasons = [reason], Canaries = trial.Model.Stats.Canaries };

    // At once for those who ask; the store follows.
    private void Failed(ActiveProbation probation, string failure)
    {
        host.GiveBack(probation.Trial);
        Later(probation, probation.Run?.Rejects(failure) ?? Rejected(failure, probation.Trial));
    }

    private void Later(ActiveProbation probation, DeploymentVerdict verdict) => _ = Task.Run(() => DecideAsync(probation, verdict));

    private async Task DecideAsync(ActiveProbation probation, DeploymentVerdict verdict)
    {
        await gate.WaitAsync().ConfigureAwait(false);
        using var hold = new Releaser(gate);
        if (active != probation)
        {
            return; // somebody was faster
        }

        try
        {
            // What the journal holds already is only finished, whatever has been found since.
            if (probation.Deployment.State == DeploymentState.Probation ? verdict.IsKept : probation.Deployment.State == DeploymentState.Committed)
            {
                await BlockingWork.RunAsync(() => Commit(probation, verdict)).ConfigureAwait(false);
            }
            else
            {
                await BlockingWork.RunAsync(() => RollBack(probation, string.Join("; ", verdict.Reasons), verdict)).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            logger.DecisionFailed(e, probation.Deployment.Id, verdict.Decision);
            probation.Deadline?.Dispose();
            probation.Deadline = time.CreateTimer(_ => Later(probation, verdict), null, ActiveProbation.Retry, Timeout.InfiniteTimeSpan);
        }
    }

    private void Commit(ActiveProbation probation, DeploymentVerdict? verdict)
    {
        if (probation.Trial.Failure is { } failure && probation.Deployment.State == DeploymentState.Probation)
        {
            throw new InputException($"deployment {probation.Deployment.Id} has failed and is being rolled back: {failure}");
        }

        probation.Deployer.Commit(probation.Deployment, verdict, probation.Trial.Model.Stats.Canaries);
        host.Keep(probation.Trial);
        End(probation);
    }

    private void RollBack(ActiveProbation probation, string reason, DeploymentVerdict? verdict)
    {
        ModelDigest? before = probation.Deployment.Replaces;
        host.GiveBack(probation.Trial); // first: whoever reads that it was rolled back gets the old model's answers
        probation.Deployer.RollBack(probation.Deployment, reason, verdict);
        if (probation.Deployment.Replaces == before)
        {
            current.ServesAgain(probation.Trial.Incumbent?.Digest, before);
        }
        else
        {
            current.Serve(); // the disk had lost the one before
        }

        End(probation);
    }

    private void End(ActiveProbation probation)
    {
        active = null;
        probation.Dispose();
        Changes.Notify();
    }

    private ActiveProbation Undecided(string id) =>
        active is { } probation && probation.Deployment.Id == id ? probation : throw new InputException($"deployment '{Printable.Name(id)}' is not on probation");

    private async Task<IDisposable> HoldAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Releaser(gate);
    }

    private sealed class Releaser(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
