using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>
/// The right to run one inference, with what that run can be ended by. Used again and again. A timer that is set for each run
/// would cost more than a small model itself, so one looks from time to time while there are runs, and rests when there are none.
/// </summary>
internal sealed class InferenceSlot : IDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>After that many looks without a run the timer rests.</summary>
    private const int IdleLooks = 40;

    private readonly Lock gate = new();
    private readonly TimeProvider time;
    private readonly ITimer timer;
    private long started;
    private TimeSpan limit;
    private int idle;
    private bool looks;
    private bool armed;
    private bool cancelled;

    public InferenceSlot(TimeProvider time)
    {
        this.time = time;
        timer = time.CreateTimer(_ => Check(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public RunOptions Options { get; } = new();

    /// <summary>Whether the run in between was ended because it took too long.</summary>
    public bool IsExpired { get; private set; }

    public void Arm(TimeSpan allowed)
    {
        lock (gate)
        {
            if (Options.Terminate != cancelled)
            {
                Options.Terminate = cancelled;
            }

            IsExpired = false;
            started = time.GetTimestamp();
            limit = allowed;
            armed = true;
            idle = 0;
            if (!looks)
            {
                looks = true;
                timer.Change(Look, Look);
            }
        }
    }

    public void Disarm()
    {
        lock (gate)
        {
            armed = false;
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

    private void Check()
    {
        lock (gate)
        {
            if (armed && !IsExpired && time.GetElapsedTime(started) >= limit)
            {
                IsExpired = true;
                Options.Terminate = true; // the runtime looks at it between operators
            }

            if (!armed && ++idle >= IdleLooks)
            {
                looks = false;
                timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
