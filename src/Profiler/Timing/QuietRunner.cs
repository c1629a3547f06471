using System.Collections.Concurrent;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Profiler.Timing;

/// <summary>
/// Runs loops while the machine is at its best speed. The reference is probed between all runs; runs beside a slow probe are kept
/// as disturbed and repeated, on another core where there is one, as long as patience lasts. With one thread the measuring thread
/// stays on one core at a time; with more the runtime's own threads share the work and nothing is bound.
/// </summary>
internal sealed class QuietRunner : IDisposable
{
    private const double Calibration = 20e-3;
    private const int MostCores = 8;
    private const double LongestOnOneCore = 0.5e-3;

    // When quiet moments are rare each loop must be content with a few runs, so that all get some.
    private const int Enough = 3;

    // The best speed that this process has seen. A neighbour may stay for longer than one measurement lasts: who measures meanwhile, and
    // knows no other speed, would take the machine for undisturbed.
    private static readonly ConcurrentDictionary<(int Threads, string Provider), double> Seen = new();
    private readonly (int Threads, string Provider)? kind;
    private readonly ReferenceLoop reference;
    private readonly PinnedThread thread;
    private readonly TimeProvider clock;

    /// <param name="settings">Threads and provider of what will be run.</param>
    /// <param name="best">Seconds of the reference at the best speed of this machine, where it is known from earlier; what this process has seen where null.</param>
    public QuietRunner(SessionSettings settings, TimeProvider clock, double? best = null)
    {
        this.clock = clock;
        // A clock of its own tells times of its own.
        kind = ReferenceEquals(clock, TimeProvider.System) ? (settings.Threads, settings.Provider) : null;
        Speed = new MachineSpeed(best ?? (kind is { } known ? Seen.GetValueOrDefault(known, double.PositiveInfinity) : double.PositiveInfinity));
        thread = settings.Threads == 1 && settings.Provider == SessionSettings.Default.Provider ? PinnedThread.Bind() : PinnedThread.Free();
        try
        {
            reference = new ReferenceLoop(settings, clock);
            Calibrate();
        }
        catch
        {
            reference?.Dispose();
            thread.Dispose();
            throw;
        }
    }

    /// <summary>The machine's speed as seen so far.</summary>
    public MachineSpeed Speed { get; }

    /// <summary>The reference's own model, for versions.</summary>
    public ReferenceLoop Reference => reference;

    /// <summary>Seconds that may still be spent on waiting and on repeating what was disturbed.</summary>
    public double Patience { get; set; }

    /// <summary>
    /// Runs something until a few of its runs were undisturbed or the patience is over; at least once in any case. While the machine
    /// stays at its best speed it goes on to the number wanted.
    /// </summary>
    /// <param name="once">One run; gives its seconds.</param>
    /// <param name="wanted">Undisturbed runs wanted.</param>
    /// <param name="patience">Seconds of <see cref="Patience"/> that this call may use.</param>
    /// <param name="warmUp">What to run before runs count, where it is not the same.</param>
    /// <returns>All runs, disturbed ones included, but for those that warmed up.</returns>
    public IReadOnlyList<PacedRun> Take(Func<double> once, int wanted, double patience, CancellationToken cancel, Action? warmUp = null)
    {
        warmUp ??= () => once();
        var runs = new List<PacedRun>();
        int quiet = 0;
        double left = Math.Min(patience, Patience);
        do
        {
            cancel.ThrowIfCancellationRequested();
            long start = clock.GetTimestamp();
            bool waited = Wait(left);
            double spent = Since(start);
            warmUp();
            int burst = Burst(once, wanted - quiet, waited, runs);
            quiet += burst;
            spent = burst > 0 ? spent : Since(start);
            left -= spent;
            Patience -= spent;
        }
        while (quiet < Math.Min(Enough, wanted) && left > 0);

        return runs;
    }

    public void Dispose()
    {
        if (kind is { } known && double.IsFinite(Speed.Best))
        {
            Seen.AddOrUpdate(known, Speed.Best, (_, before) => Math.Min(before, Speed.Best));
        }

        reference.Dispose();
        thread.Dispose();
    }

    // As many runs as wanted, fewer when the machine slows down in between; never none.
    private int Burst(Func<double> once, int wanted, bool stop, List<PacedRun> runs)
    {
        double before = Probe();
        int quiet = 0;
        for (int i = 0; i < wanted; i++)
        {
            double seconds = once();
            double after = Probe();
            double slower = Math.Max(before, after);
            runs.Add(new PacedRun(seconds, slower));
            before = after;
            if (Speed.IsQuiet(slower))
            {
                quiet++;
            }
            else if (stop)
            {
                break;
            }
        }

        return quiet;
    }

    // Probes until the machine is at its best speed; false where that took too long.
    private bool Wait(double limit)
    {
        long start = clock.GetTimestamp();
        long arrived = start;
        while (!Speed.IsQuiet(Probe()))
        {
            if (Since(start) >= limit)
            {
                return false;
            }

            if (Since(arrived) > LongestOnOneCore)
            {
                thread.Next();
                Probe();
                arrived = clock.GetTimestamp();
            }
        }

        return true;
    }

    // Some readings on each core, so that the best speed is known before the first run counts.
    private void Calibrate()
    {
        for (int core = 0; core < Math.Clamp(thread.Cores.Count, 1, MostCores); core++)
        {
            long start = clock.GetTimestamp();
            while (Since(start) < Calibration)
            {
                Probe();
            }

            thread.Next();
        }
    }

    private double Probe()
    {
        double seconds = reference.Probe();
        Speed.Add(seconds);
        return seconds;
    }

    private double Since(long start) => clock.GetElapsedTime(start).TotalSeconds;
}
