using System.Diagnostics.CodeAnalysis;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>A board that draws a constant power, so that energy is time.</summary>
internal sealed class CountingEnergy(double watts) : IEnergyWindow
{
    private long started;

    public int Windows { get; private set; }

    public Seconds Shortest => new(0.01);

    public bool TryStart()
    {
        started = System.Diagnostics.Stopwatch.GetTimestamp();
        return true;
    }

    public bool TryStop([NotNullWhen(true)] out EnergyReading? reading)
    {
        Windows++;
        double seconds = System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds;
        double joules = watts * seconds;
        // Every fifth window is one that has to be thrown away.
        reading = Windows % 5 == 0 ? null : new EnergyReading(new Interval(joules, joules, joules, 1, 0), new Seconds(seconds), Provenance.Simulated("constant"));
        return reading is not null;
    }
}
