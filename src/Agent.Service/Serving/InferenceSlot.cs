using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>The right to run one inference, with what that run can be ended by. Used again and again.</summary>
internal sealed class InferenceSlot : IDisposable
{
    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private long started;
    private TimeSpan limit;
    private bool armed;
    private bool cancelled;

    public InferenceSlot(TimeProvider time)
    {
        this.time = time;
        timer = time.CreateTimer(_ => Expire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public RunOptions Options { get; } = new();

    /// <summary>Whether the run in between was ended because it took too long.</summary>
    public bool IsExpired { get; private set; }

    public void Arm(TimeSpan allowed)
    {
        lock (gate)
        {
            Options.Terminate = cancelled;
            IsExpired = false;
            started = time.GetTimestamp();
            limit = allowed;
            armed = true;
            timer.Change(allowed, Timeout.InfiniteTimeSpan);
        }
    }

    public void Disarm()
    {
        lock (gate)
        {
            armed = false;
            timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Ends the run that is under way and all that come after.</summary>
    public void Cancel()
    {
        lock (gate)
        {
            cancelled = true;
            Options.Terminate = true;
        }
    }

    public void Dispose()
    {
        timer.Dispose();
        Options.Dispose();
    }

    private void Expire()
    {
        lock (gate)
        {
            if (!armed)
            {
                return;
            }

            // A callback that was on its way when the slot was used again is early; so is a coarse timer.
            TimeSpan left = limit - time.GetElapsedTime(started);
            if (left > TimeSpan.Zero)
            {
                timer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }

            IsExpired = true;
            Options.Terminate = true; // the runtime looks at it between operators
        }
    }
}
