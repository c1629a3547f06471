using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>
/// Deploys bundles one at a time and keeps what serves in step with the store. A model on probation that nobody has
/// decided about in time goes back.
/// </summary>
internal sealed class DeploymentManager : IDisposable
{
    private readonly SemaphoreSlim gate = new(1, 1);
    private readonly ModelStore store;
    private readonly Deployer deployer;
    private readonly BundleIntake intake;
    private readonly ModelHost host;
    private readonly AgentSettings settings;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private ActiveDeployment? active;
    private ITimer? deadline;

    public DeploymentManager(AgentSettings settings, ModelStore store, IPreflight preflight, BundleIntake intake, ModelHost host, TimeProvider time, ILogger<DeploymentManager> logger)
    {
        this.settings = settings;
        this.store = store;
        this.intake = intake;
        this.host = host;
        this.time = time;
        this.logger = logger;
        deployer = new Deployer(store, new WholeModelCheck(), preflight);
        ServeCurrent();
    }

    public StoreReader Reader => store.Reader;

    /// <summary>Why no model is served although one has been deployed; null: all is well.</summary>
    public string? Fault { get; private set; }

    /// <summary>Verifies a bundle and brings its model into service on probation.</summary>
    /// <exception cref="InputException">The bundle, the model or the moment is not acceptable. What served still serves.</exception>
    /// <exception cref="IOException">The disk refused; likewise.</exception>
    public async Task<string> DeployAsync(Stream bundle, string? note, CancellationToken cancellationToken)
    {
        using IDisposable hold = await HoldAsync(cancellationToken).ConfigureAwait(false);
        if (active is not null)
        {
            throw new InputException($"deployment {active.Id} is on probation; commit it or roll it back first");
        }

        using ReceivedBundle received = await intake.ReceiveAsync(bundle, cancellationToken).ConfigureAwait(false);
        string text = $"bundle {received.Manifest.Name} version {received.Manifest.Version}{(note is null ? "" : $": {note}")}";
        ActiveDeployment deployment = deployer.Begin(received.ModelPath, new DeployRequest { Note = text, Expected = received.Manifest.Model.ModelDigest }, cancellationToken);
        if (deployment.AlreadyCurrent)
        {
            ServeCurrent();
            return deployment.Id;
        }

        ServeOnProbation(deployment);
        active = deployment;
        deadline = time.CreateTimer(_ => Expire(deployment), null, settings.Probation, Timeout.InfiniteTimeSpan);
        return deployment.Id;
    }

    /// <summary>Keeps the model on probation.</summary>
    /// <exception cref="InputException">That deployment is not on probation.</exception>
    public async Task CommitAsync(string id, CancellationToken cancellationToken)
    {
        using IDisposable hold = await HoldAsync(cancellationToken).ConfigureAwait(false);
        deployer.Commit(Undecided(id));
        End();
    }

    /// <summary>Puts the model before the one on probation back.</summary>
    /// <exception cref="InputException">That deployment is not on probation.</exception>
    public async Task RollBackAsync(string id, string reason, CancellationToken cancellationToken)
    {
        using IDisposable hold = await HoldAsync(cancellationToken).ConfigureAwait(false);
        deployer.RollBack(Undecided(id), reason);
        End();
        ServeCurrent();
    }

    /// <summary>Puts the previous model back in place of a committed one.</summary>
    /// <exception cref="InputException">There is none, or a deployment is on probation.</exception>
    public async Task RollBackToPreviousAsync(string reason, CancellationToken cancellationToken)
    {
        using IDisposable hold = await HoldAsync(cancellationToken).ConfigureAwait(false);
        deployer.RollBackToPrevious(reason);
        ServeCurrent();
    }

    public void Dispose()
    {
        gate.Wait();
        using var hold = new Releaser(gate); // the gate itself stays: a deadline that has just come may be waiting at it
        End();
        host.Dispose();
        store.Dispose(); // a deployment still on probation is rolled back by the next start
    }

    private void ServeOnProbation(ActiveDeployment deployment)
    {
        bool serves = false;
        try
        {
            Serve(Load(deployment.Digest));
            serves = true;
        }
        catch (InputException e)
        {
            deployer.RollBack(deployment, e.Message);
            throw;
        }
        finally
        {
            if (!serves)
            {
                deployment.Dispose(); // whatever went wrong, the old model is the current one again
            }
        }
    }

    private async Task<IDisposable> HoldAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Releaser(gate);
    }

    private ActiveDeployment Undecided(string id) =>
        active is { } deployment && deployment.Id == id ? deployment : throw new InputException($"deployment '{Printable.Name(id)}' is not on probation");

    private void End()
    {
        active = null;
        deadline?.Dispose();
        deadline = null;
    }

    private void Expire(ActiveDeployment deployment)
    {
        gate.Wait();
        using var hold = new Releaser(gate);
        if (active != deployment)
        {
            return;
        }

        try
        {
            deployer.RollBack(deployment, $"nobody decided within {settings.Probation}");
            End();
            ServeCurrent();
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            logger.RollbackFailed(e, deployment.Id);
        }
    }

    private void ServeCurrent()
    {
        try
        {
            Fault = null;
            Serve(store.Reader.Current is { } digest ? Load(digest) : null);
        }
        catch (InputException e)
        {
            Fault = e.Message;
            logger.NothingServes(e);
        }
    }

    private void Serve(ServedModel? model)
    {
        host.Switch(model);
        Fault = null;
    }

    private ServedModel Load(ModelDigest digest)
    {
        if (!store.Reader.TryOpenCurrent(out VerifiedModel? model))
        {
            throw new InputException("no model has been deployed");
        }

        using (model)
        {
            byte[] bytes = new byte[model.Content.Length];
            model.Content.ReadExactly(bytes);
            return new ServedModel(digest, ModelSession.Create(bytes, $"the model {digest}", new SessionSettings { Threads = settings.Threads }));
        }
    }

    private sealed class Releaser(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
