using System.Diagnostics.CodeAnalysis;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>The model that the store calls current, in service or not, and why not. Not safe for several threads.</summary>
internal sealed class CurrentModel(StoreAccess store, ModelLoader loader, StartWatch starts, ModelHost host, ProbationSettings settings, ILogger logger)
{
    /// <summary>Why no model is served although one has been deployed; null: all is well.</summary>
    public string? Fault { get; private set; }

    /// <summary>What happened at the start that somebody should know although a model serves; null: nothing.</summary>
    public string? Notice { get; private set; }

    /// <summary>Loads what is current now and serves it.</summary>
    public void Serve()
    {
        Notice = null;
        Load(mayGoBack: false);
    }

    /// <summary>Says that another model serves, which is loaded already.</summary>
    public void Serves(ModelDigest digest)
    {
        (Fault, Notice) = (null, null);
        starts.Serves(digest);
    }

    /// <summary>Says that a model on probation has gone.</summary>
    /// <param name="loaded">What serves again; null: nothing.</param>
    /// <param name="current">What the store calls current; not served before either where <paramref name="loaded"/> is null.</param>
    public void ServesAgain(ModelDigest? loaded, ModelDigest? current)
    {
        if (loaded is not null)
        {
            starts.Serves(loaded);
            return;
        }

        starts.Stop();
        Fault = current is null ? null : $"the model {current} is not served, as before the deployment that has been rolled back; deploy another model";
    }

    /// <summary>Serves the current model, unless it has brought the service down too often.</summary>
    public void Start()
    {
        if (!TryReadCurrent(out ModelDigest? current) || current is null)
        {
            return;
        }

        if (starts.IsBad(current, out string known))
        {
            Fault = $"the model {current} is not served: {known}; there is no other good model, deploy one";
            return;
        }

        int crashes = starts.Begin(current);
        if (crashes >= settings.CrashLimit && !TryLeaveBehind(current, crashes))
        {
            return;
        }

        Load(mayGoBack: true);
    }

    /// <summary>Goes back from a model that brings the service down. False where there is nothing to go back to.</summary>
    private bool TryLeaveBehind(ModelDigest bad, int crashes)
    {
        string reason = $"the service ended {crashes} times in a row within {settings.CrashWindow.TotalSeconds} s of loading it";
        starts.Condemn(bad, reason);
        logger.CrashLoop(bad.ToString(), reason);
        starts.Stop();
        try
        {
            store.Open().Deployer.RollBackToPrevious(reason);
            Notice = $"the model {bad} was rolled back: {reason}";
            return true;
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            Fault = $"the model {bad} is not served: {reason}; going back failed ({e.Message}), deploy another model";
            return false;
        }
    }

    private bool TryReadCurrent(out ModelDigest? current)
    {
        current = null;
        try
        {
            current = store.Reader.Current;
            return true;
        }
        catch (InputException e)
        {
            Fault = e.Message;
            logger.NothingServes(e);
            return false;
        }
    }

    private void Load(bool mayGoBack)
    {
        try
        {
            Fault = null;
            if (!TryOpen(mayGoBack, out VerifiedModel? stored))
            {
                return;
            }

            using (stored)
            {
                host.Switch(stored is null ? null : LoadKept(stored));
                if (stored is null)
                {
                    starts.Stop();
                }
                else
                {
                    starts.Serves(stored.Digest);
                }
            }
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            Fault = e.Message;
            logger.NothingServes(e);
        }
    }

    /// <returns>False where the current model is damaged, and what can be done about it has been done.</returns>
    private bool TryOpen(bool mayGoBack, out VerifiedModel? stored)
    {
        stored = null;
        try
        {
            store.Reader.TryOpenCurrent(out stored);
            return true;
        }
        catch (InputException e) when (mayGoBack)
        {
            LeaveDamaged(e.Message);
            return false;
        }
    }

    /// <summary>Goes back from a model that the disk has lost to the one before it, so that something whole serves.</summary>
    private void LeaveDamaged(string problem)
    {
        ModelDigest? damaged = store.Reader.Current;
        logger.ModelDamaged(damaged?.ToString() ?? "", problem);
        try
        {
            store.Open().Deployer.RollBackToPrevious($"damaged when the service started: {problem}");
            Load(mayGoBack: false);
            Notice = Fault is null ? $"the model {damaged} was rolled back, because it is damaged: {problem}" : null;
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            if (TryServeUnrecorded(damaged, out ModelDigest? instead))
            {
                Notice = $"the model {damaged} is damaged ({problem}); {instead} serves in its place, which could not be recorded: {e.Message}";
                return;
            }

            starts.Stop();
            Fault = $"the model {damaged} is not served: {problem}; going back failed ({e.Message}), deploy a good model";
        }
    }

    // What its canaries gave when it was deployed is as true after a restart.
    private ServedModel LoadKept(VerifiedModel stored)
    {
        ServedModel model = loader.Load(stored);
        try
        {
            model.Stats.Canaries = store.Reader.ReadHistory()
                .Where(e => e.State == DeploymentState.Committed && e.Digest == stored.Digest)
                .Select(e => e.Canaries ?? e.Verdict?.Canaries)
                .LastOrDefault();
        }
        catch (InputException e)
        {
            logger.HistoryUnread(e); // serving does not depend on it
        }

        return model;
    }

    // A disk that takes no line in the journal may still hold a whole model.
    private bool TryServeUnrecorded(ModelDigest? damaged, [NotNullWhen(true)] out ModelDigest? instead)
    {
        foreach (ModelDigest candidate in ((ModelDigest?[])[store.Reader.Current, store.Reader.Previous]).OfType<ModelDigest>().Where(d => d != damaged))
        {
            try
            {
                if (store.Reader.TryOpen(candidate, out VerifiedModel? stored))
                {
                    using (stored)
                    {
                        host.Switch(LoadKept(stored));
                    }

                    starts.Serves(candidate);
                    instead = candidate;
                    return true;
                }
            }
            catch (InputException e)
            {
                logger.NothingServes(e);
            }
        }

        instead = null;
        return false;
    }
}
