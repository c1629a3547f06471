using System.Diagnostics.CodeAnalysis;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>
/// The model that answers requests, and on probation the one that it replaced. A change takes effect for the next request;
/// those under way finish on the models that they began with, so none is dropped.
/// </summary>
internal sealed class ModelHost : IDisposable
{
    private readonly Lock gate = new();
    private Serving? serving;
    private ServedStats? previous;
    private long lastEntered;
    private long entered;

    /// <summary>What the model before the current one did while it served; null: it has not served since the start.</summary>
    public ServedStats? Previous => Volatile.Read(ref previous);

    /// <summary>How many requests have entered.</summary>
    public long Entered => Interlocked.Read(ref entered);

    /// <summary>When one last did, by the clock of <see cref="Environment.TickCount64"/>, which is read in no time; null: none has.</summary>
    public long? LastEntered => Entered == 0 ? null : Volatile.Read(ref lastEntered);

    /// <summary>Enters the current model; the caller disposes the lease when done. False when there is none.</summary>
    public bool TryEnter([NotNullWhen(true)] out ModelLease? lease)
    {
        lease = null;
        while (Volatile.Read(ref serving) is { } now)
        {
            if (now.Model.TryEnter())
            {
                // An incumbent that has just been left serves no more, and the trial is decided.
                bool both = now.Trial?.Incumbent?.TryEnter() ?? false;
                lease = new ModelLease(now.Model, now.Trial, both);
                Volatile.Write(ref lastEntered, Environment.TickCount64);
                Interlocked.Increment(ref entered);
                return true;
            }
        }

        return false;
    }

    /// <summary>Looks at what serves without entering it.</summary>
    public ServedStats? Current => Volatile.Read(ref serving) is { } now ? new ServedStats(now.Model.Digest, now.Model.Stats) : null;

    /// <summary>Serves a model, whose place the caller hands over, or nothing. Whatever served is left.</summary>
    public void Switch(ServedModel? next)
    {
        lock (gate)
        {
            Serving? before = serving;
            Volatile.Write(ref serving, next is null ? null : new Serving(next, null));
            Remember(before?.Trial?.Incumbent ?? before?.Model, next);
            before?.Model.Leave();
            before?.Trial?.Incumbent?.Leave();
        }
    }

    /// <summary>Serves a model on probation; the one that served stays loaded.</summary>
    public Trial BeginTrial(ServedModel next)
    {
        lock (gate)
        {
            if (serving?.Trial is not null)
            {
                throw new InvalidOperationException("a trial is under way");
            }

            var trial = new Trial(next, serving?.Model);
            Volatile.Write(ref serving, new Serving(next, trial));
            return trial;
        }
    }

    /// <summary>Ends a trial with its model in service. Nothing happens where it has ended already.</summary>
    public void Keep(Trial trial)
    {
        lock (gate)
        {
            if (serving?.Trial == trial)
            {
                Volatile.Write(ref serving, new Serving(trial.Model, null));
                Remember(trial.Incumbent, trial.Model);
                trial.Incumbent?.Leave();
            }
        }
    }

    /// <summary>Ends a trial with the incumbent in service again. Nothing happens where it has ended already.</summary>
    public void GiveBack(Trial trial)
    {
        lock (gate)
        {
            if (serving?.Trial == trial)
            {
                Volatile.Write(ref serving, trial.Incumbent is null ? null : new Serving(trial.Incumbent, null));
                trial.Model.Leave();
            }
        }
    }

    public void Dispose() => Switch(null);

    private void Remember(ServedModel? before, ServedModel? next)
    {
        if (before is not null && before.Digest != next?.Digest)
        {
            Volatile.Write(ref previous, new ServedStats(before.Digest, before.Stats));
        }
    }

    private sealed record Serving(ServedModel Model, Trial? Trial);
}
