using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation;

/// <summary>
/// A clock that goes on only when it is told to, and asks sensors at the times that they want. Hours of measuring take seconds,
/// and the same seed gives the same run. One thread.
/// </summary>
/// <remarks>
/// A poll takes time of its own (a transfer on a bus), which does not stop what the board computes. So polls run a little behind
/// the frontier: one is called when the board's future is known as far as a poll can reach.
/// </remarks>
public sealed class VirtualTime : TimeProvider, IPollScheduler
{
    // As long as a poll of three registers at 100 kHz; one that takes longer finds the board as it was left.
    private const double Reach = 0.002;
    private readonly List<Polling> pollings = [];
    private double frontier;
    private double? local;

    /// <summary>Time now: within a poll that poll's own, otherwise how far the clock was advanced.</summary>
    public Seconds Now => new(local ?? frontier);

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => (long)Math.Round((local ?? frontier) * 1e9);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(local ?? frontier);

    /// <summary>Moves the clock forward and makes the polls that are due.</summary>
    public void Advance(Seconds by)
    {
        if (local is not null)
        {
            throw new InvalidOperationException("a poll spends time, it does not advance the clock");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(by.Value);
        frontier += by.Value;
        CatchUp(frontier - Reach);
    }

    /// <summary>
    /// Makes all polls that are due, also those that reach beyond what is known of the board's future. What a program finds when
    /// it looks by itself, between two things that the board does, is then up to date.
    /// </summary>
    public void Settle()
    {
        if (local is null)
        {
            CatchUp(frontier);
        }
    }

    /// <summary>Time that a poll takes, for example for a transfer; outside a poll it advances the clock.</summary>
    public void Spend(Seconds time)
    {
        if (local is null)
        {
            Advance(time);
        }
        else
        {
            local += time.Value;
        }
    }

    public IDisposable Run(Func<Seconds, Seconds> poll)
    {
        ArgumentNullException.ThrowIfNull(poll);
        var polling = new Polling(this, poll, frontier);
        pollings.Add(polling);
        return polling;
    }

    // In the order of time: a reader must find what a writer beside it wrote before, and no more.
    private void CatchUp(double to)
    {
        while (pollings.Count > 0 && pollings.MinBy(p => p.Due) is { } next && next.Due <= to)
        {
            next.Call();
        }
    }

    private sealed class Polling : IDisposable
    {
        private const double ShortestPause = 20e-6;
        private readonly VirtualTime time;
        private readonly Func<Seconds, Seconds> poll;
        private readonly double started;

        public Polling(VirtualTime time, Func<Seconds, Seconds> poll, double started)
        {
            this.time = time;
            this.poll = poll;
            this.started = Due = started;
        }

        public double Due { get; private set; }

        public void Call()
        {
            time.local = Due;
            try
            {
                Seconds next = poll(new Seconds(Due - started));
                Due = Math.Max(started + next.Value, time.local.Value + ShortestPause);
            }
            finally
            {
                time.local = null;
            }
        }

        // What is still due is asked; a poll that then reaches beyond the frontier finds the board as it was left.
        public void Dispose()
        {
            time.Settle();
            time.pollings.Remove(this);
        }
    }
}
