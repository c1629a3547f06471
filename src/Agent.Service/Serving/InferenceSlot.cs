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

    // Of the run under way; 0: there is none; below 0: it was ended. A lock for each run would be felt beside a very small model.
    private long started;
    private TimeSpan limit;
    private int idle;
    private bool looks;
    private bool cancelled;

    public InferenceSlot(TimeProvider time)
    {
        this.time = time;
        timer = time.CreateTimer(_ => Check(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public RunOptions Options { get; } = new();

    /// <summary>Whether the run in between was ended because it took too long.</summary>
    public bool IsExpired { get; private set; }

    /// <summary>A run begins.</summary>
    /// <param name="allowed">How long it may take.</param>
    public void Arm(TimeSpan allowed)
    {
        if (Options.Terminate)
        {
            lock (gate)
            {
                Options.Terminate = cancelled;
            }
        }

        IsExpired = false;
        limit = allowed;
        idle = 0;
        Interlocked.Exchange(ref started, Math.Max(1, time.GetTimestamp()));
        if (!Volatile.Read(ref looks))
        {
            Wake();
        }
    }

    /// <summary>The run is over. Returns how long it took.</summary>
    public TimeSpan Disarm()
    {
        long end = time.GetTimestamp(), start = Interlocked.Exchange(ref started, 0);
        if (start < 0)
        {
            lock (gate)
            {
                // Whoever ended it has said so by now, and does not end the next one.
            }
        }

        return time.GetElapsedTime(Math.Abs(start), end);
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

    private void Wake()
    {
        lock (gate)
        {
            if (!looks)
            {
                looks = true;
                timer.Change(Look, Look);
            }
        }
    }

    private void Check()
    {
        lock (gate)
        {
            long start = Interlocked.Read(ref started);
            if (start > 0 && time.GetElapsedTime(start) >= limit && Interlocked.CompareExchange(ref started, -start, start) == start)
            {
                IsExpired = true;
                Options.Terminate = true; // the runtime looks at it between operators
            }

            if (start == 0 && ++idle >= IdleLooks)
            {
                // A run that begins meanwhile either finds that nobody looks, or is found here.
                Volatile.Write(ref looks, false);
                Interlocked.MemoryBarrier();
                if (Interlocked.Read(ref started) != 0)
                {
                    looks = true;
                    return;
                }

                timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
