using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Sensors.I2c;

/// <summary>A clock that moves only when a test or a simulated transfer moves it, and calls one poll at the times it asks for.</summary>
internal sealed class BenchTime : TimeProvider, IPollScheduler
{
    private const double TicksPerSecond = 1e12;
    private const double ShortestPause = 20e-6;

    private Func<Seconds, Seconds>? poll;
    private double started;
    private double next;

    public double Now { get; private set; }

    /// <summary>How late each poll is called, in seconds.</summary>
    public Func<double> Lateness { get; set; } = () => 0;

    public override long TimestampFrequency => (long)TicksPerSecond;

    public override long GetTimestamp() => (long)(Now * TicksPerSecond);

    /// <summary>A transfer takes time.</summary>
    public void Spend(Seconds time) => Now += time.Value;

    public IDisposable Run(Func<Seconds, Seconds> poll)
    {
        this.poll = poll;
        started = next = Now;
        return new End(this);
    }

    public void Advance(double seconds)
    {
        double end = Now + seconds;
        while (poll is not null && next <= end)
        {
            Now = Math.Max(Now, next) + Lateness();
            double asked = started + poll(new Seconds(Now - started)).Value;
            next = Math.Max(Now + ShortestPause, asked);
        }

        Now = Math.Max(Now, end);
    }

    private sealed class End(BenchTime time) : IDisposable
    {
        public void Dispose() => time.poll = null;
    }
}
