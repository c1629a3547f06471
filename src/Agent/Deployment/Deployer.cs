using EdgePrune.Agent.Faults;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Deployment;

/// <summary>
/// Takes models through received → verified → staged → preflight → switched → probation → committed, or out of it as
/// refused or rolled back. Works in process on a store that the caller holds open; one deployment at a time.
/// </summary>
public sealed class Deployer(ModelStore store, IModelCheck check, IPreflight preflight)
{
    /// <summary>Brings a model into service on probation. The incumbent stays in the store until the decision.</summary>
    /// <exception cref="InputException">
    /// The file cannot be read or taken, the check or the preflight refused it, or another deployment is undecided.
    /// The model that served still serves.
    /// </exception>
    /// <exception cref="IOException">The disk refused. The model that served still serves, or does again when the store is next opened.</exception>
    public ActiveDeployment Begin(string modelPath, DeployRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelPath);
        ArgumentNullException.ThrowIfNull(request);
        ThrowIfUndecided();
        store.Recover(ModelStore.InterruptedReason);
        using IncomingModel incoming = store.Receive(modelPath);
        if (request.Expected is { } expected && incoming.Digest != expected)
        {
            throw new InputException($"the model {modelPath} has changed since it was checked: its bytes digest to {incoming.Digest}, not to {expected}; send it again");
        }

        ModelDigest? incumbent = store.Reader.Current;
        var draft = new JournalEntry
        {
            Sequence = 0,
            Time = default,
            Deployment = Guid.CreateVersion7().ToString("N"),
            State = DeploymentState.Received,
            Digest = incoming.Digest,
            Replaces = incumbent,
            Previous = store.Reader.Previous,
            Note = request.Note,
        };
        if (incoming.Digest == incumbent)
        {
            return KeepCurrent(incoming, draft);
        }

        try
        {
            ActiveDeployment deployment = Drive(incoming, draft, request, cancellationToken);
            store.Undecided = deployment.Id;
            return deployment;
        }
        catch (Exception e)
        {
            EndFailed(e);
            throw;
        }
    }

    /// <summary>Keeps the model. Safe to call again after an <see cref="IOException"/>.</summary>
    /// <param name="deployment">From <see cref="Begin"/>.</param>
    /// <param name="verdict">What probation found, kept in the journal; null: somebody else has decided.</param>
    /// <param name="canaries">How the model did on its canaries, kept there too where no verdict tells it; null: it has none.</param>
    /// <exception cref="IOException">The disk refused; the deployment is undecided, or committed with tidying left to do.</exception>
    public DeployResult Commit(ActiveDeployment deployment, DeploymentVerdict? verdict = null, CanaryFigure? canaries = null)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        if (!deployment.AlreadyCurrent)
        {
            ThrowIfDecidedAs(deployment, DeploymentState.RolledBack, "it has been rolled back");
            if (deployment.State != DeploymentState.Committed)
            {
                deployment.Entry = store.Append(deployment.Entry with { State = DeploymentState.Committed, Verdict = verdict, Canaries = verdict is null ? canaries : null });
                store.Undecided = null;
                store.Options.FaultPoints.Hit(FaultPoint.Committed);
            }

            store.Materialise();
            store.CollectGarbage();
        }

        return new DeployResult(deployment.Digest, deployment.ModelPath, deployment.Replaces, deployment.AlreadyCurrent, deployment.Preflight);
    }

    /// <summary>
    /// Puts the model that served before back, or, where the disk has lost that one, the one before it. Safe to call again after an
    /// <see cref="IOException"/>.
    /// </summary>
    /// <param name="deployment">From <see cref="Begin"/>.</param>
    /// <param name="reason">Kept in the journal.</param>
    /// <param name="verdict">What probation found, kept there too; null: it found nothing.</param>
    /// <exception cref="InputException">The models that served before are damaged; the deployment stays undecided.</exception>
    public void RollBack(ActiveDeployment deployment, string reason, DeploymentVerdict? verdict = null)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        ArgumentException.ThrowIfNullOrEmpty(reason);
        if (deployment.AlreadyCurrent)
        {
            return;
        }

        ThrowIfDecidedAs(deployment, DeploymentState.Committed, "it has been committed; roll back to the previous model instead");
        if (deployment.State != DeploymentState.RolledBack)
        {
            if (!store.TryWayBack(deployment.Entry, out JournalEntry? back))
            {
                throw new InputException($"cannot roll back: the model before, {deployment.Replaces}, is damaged or missing. {deployment.Digest} stays; deploy a good model");
            }

            // Service first: should the line in the journal fail, the right model serves already.
            store.SetCurrent(back.Replaces);
            deployment.Entry = store.Append(back with { State = DeploymentState.RolledBack, Reason = ModelStore.WithWay(reason, deployment.Entry, back), Verdict = verdict });
            store.Undecided = null;
            store.Options.FaultPoints.Hit(FaultPoint.RolledBack);
        }

        store.Materialise();
        store.CollectGarbage();
    }

    /// <summary>Deploys and keeps a model, with no probation beyond the preflight. Errors as <see cref="Begin"/>.</summary>
    public DeployResult Deploy(string modelPath, DeployRequest request, CancellationToken cancellationToken = default)
    {
        using ActiveDeployment deployment = Begin(modelPath, request, cancellationToken);
        return Commit(deployment);
    }

    /// <summary>
    /// Puts the previous model back in place of a committed one. There is then no previous model: asking twice does
    /// not bring the bad one back.
    /// </summary>
    /// <param name="reason">Kept in the journal.</param>
    /// <exception cref="InputException">There is no previous model, it is damaged, or a deployment is undecided.</exception>
    public DeployResult RollBackToPrevious(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        ThrowIfUndecided();
        store.Recover(ModelStore.InterruptedReason);
        if (store.Reader is not { Current: { } current, Previous: { } previous })
        {
            throw new InputException($"there is no previous model in the store {store.Reader.Folder} to roll back to; deploy one instead");
        }

        if (!store.IsWhole(previous))
        {
            throw new InputException($"cannot roll back: the previous model {previous} is damaged or missing. {current} stays; deploy a good model");
        }

        JournalEntry? committed = LastCommit(current);
        Journal(
            new JournalEntry
            {
                Sequence = 0,
                Time = default,
                Deployment = committed?.Deployment ?? Guid.CreateVersion7().ToString("N"),
                State = DeploymentState.RolledBack,
                Digest = current,
                Replaces = previous,
                Reason = reason,
            },
            DeploymentState.RolledBack,
            FaultPoint.RolledBack);
        store.Materialise();
        store.CollectGarbage();
        return new DeployResult(previous, store.Reader.PathOf(previous), current, AlreadyCurrent: false, Preflight: null);
    }

    internal void Abandon(ActiveDeployment deployment)
    {
        if (deployment.AlreadyCurrent || !deployment.State.IsLive() || store.IsClosed)
        {
            return;
        }

        try
        {
            RollBack(deployment, "abandoned before a decision");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InputException)
        {
            store.Undecided = null; // the next operation, or the next opening, recovers
        }
    }

    private ActiveDeployment Drive(IncomingModel incoming, JournalEntry entry, DeployRequest request, CancellationToken cancellationToken)
    {
        entry = Journal(entry, DeploymentState.Received, FaultPoint.Received);

        check.Check(incoming.Path);
        entry = Journal(entry, DeploymentState.Verified, FaultPoint.Verified);

        store.Place(incoming);
        entry = Journal(entry, DeploymentState.Staged, FaultPoint.Staged);

        // Said before it is done: a model that takes the whole board down is then known by name.
        entry = Journal(entry, DeploymentState.Preflight, FaultPoint.Preflight);
        string path = store.Reader.PathOf(incoming.Digest);
        PreflightResult result = preflight.Run(path, request.Canaries, cancellationToken);
        if (!result.Passed)
        {
            throw new InputException($"the preflight refused the model: {result.Reason}");
        }

        request.BeforeSwitch?.Invoke(incoming.Digest);
        cancellationToken.ThrowIfCancellationRequested();
        store.SetCurrent(incoming.Digest);
        entry = Journal(entry, DeploymentState.Switched, FaultPoint.Switched);
        entry = Journal(entry, DeploymentState.Probation, FaultPoint.Probation);
        return new ActiveDeployment(this, entry, path, result, alreadyCurrent: false);
    }

    private ActiveDeployment KeepCurrent(IncomingModel incoming, JournalEntry entry)
    {
        if (!store.IsWhole(incoming.Digest))
        {
            store.Place(incoming); // the same model, whole: deploying it again is how a damaged one is repaired
        }

        // The deployment that brought it here is the one to be told of: this one leaves no line.
        return new ActiveDeployment(this, LastCommit(incoming.Digest) ?? entry, store.Reader.PathOf(incoming.Digest), preflight: null, alreadyCurrent: true);
    }

    private JournalEntry? LastCommit(ModelDigest digest) => store.History.LastOrDefault(e => e.State == DeploymentState.Committed && e.Digest == digest);

    private JournalEntry Journal(JournalEntry entry, DeploymentState state, string faultPoint)
    {
        JournalEntry written = store.Append(entry with { State = state });
        store.Options.FaultPoints.Hit(faultPoint);
        return written;
    }

    private void EndFailed(Exception cause)
    {
        try
        {
            JournalEntry? ended = store.Recover(cause is OperationCanceledException ? "cancelled" : cause.Message);
            if (ended is { State: DeploymentState.Refused })
            {
                store.Options.FaultPoints.Hit(FaultPoint.Refused);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InputException)
        {
            // The cause is what the caller must hear; the next operation, or the next opening, recovers.
        }
    }

    private void ThrowIfUndecided()
    {
        if (store.Undecided is not null)
        {
            throw new InputException($"the model {store.Reader.Current} is still on probation; commit it or roll it back first");
        }
    }

    private static void ThrowIfDecidedAs(ActiveDeployment deployment, DeploymentState state, string message)
    {
        if (deployment.State == state)
        {
            throw new InvalidOperationException($"deployment {deployment.Id} is decided: {message}");
        }
    }
}
