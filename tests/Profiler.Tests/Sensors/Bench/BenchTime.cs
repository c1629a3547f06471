using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Sensors.Bench;

/// <summary>
/// A clock and a scheduler whose time passes only when the test says so. Polls are called at the very times that they ask for, in
/// order; what keeps a simulated tree up to date is called first where two fall together.
/// </summary>
internal sealed class BenchTime : TimeProvider, IPollScheduler
{
    private readonly List<Task> tasks = [];
    private double now;

    public Seconds Now => new(now);

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => (long)Math.Round(now * 1e9);

    public IDisposable Run(Func<Seconds, Seconds> poll)
    {
        var task = new Task(this, poll, now);
        tasks.Add(task);
        return task;
    }

    public void Advance(double seconds)
    {
        double end = now + seconds;
        while (tasks.Where(t => t.Due <= end).MinBy(t => t.Due) is { } next)
        {
            now = Math.Max(now, next.Due);
            next.Call();
        }

        now = end;
    }

    public PowerSourceContext Context(string root, string vcgencmd = "/nonexistent/vcgencmd") => new()
    {
        Clock = this,
        Scheduler = this,
        OpenBus = n => throw new SensorException($"no bus {n}"),
        Root = root,
        VcGenCmd = vcgencmd,
    };

    private sealed class Task : IDisposable
    {
        private const double Shortest = 1e-6;
        private readonly BenchTime time;
        private readonly Func<Seconds, Seconds> poll;
        private readonly double begin;

        public Task(BenchTime time, Func<Seconds, Seconds> poll, double begin) => (this.time, this.poll, this.begin, Due) = (time, poll, begin, begin);

        public double Due { get; private set; }

        public void Call() => Due = Math.Max(time.now + Shortest, begin + poll(new Seconds(time.now - begin)).Value);

        public void Dispose() => time.tasks.Remove(this);
    }
}
