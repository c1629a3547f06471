using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

/// <summary>Measures a <see cref="SimulatedMachine"/> with noise.</summary>
internal sealed class SimulatedSensor(SimulatedMachine machine, double noise = 0, int seed = 0) : IPowerSource
{
    private readonly Random random = new(seed);
    private (double Energy, double Time)? started;

    /// <summary>Every so many windows one is invalid; 0 for none.</summary>
    public int InvalidEvery { get; init; }

    public int Windows { get; private set; }

    public string Name => "sensor of the test";

    public Provenance Provenance { get; init; } = Provenance.Measured("sensor of the test");

    public IReadOnlyList<PowerRail> Rails { get; init; } = [new PowerRail("board", RailRole.Total)];

    public PowerTraits Traits { get; init; } = new(default, default, default, default, PowerReadout.EnergyCounter);

    public void Start()
    {
        Assert.Null(started);
        started = (machine.Energy, machine.Seconds);
    }

    public bool TryTake(out PowerSample sample)
    {
        sample = default;
        return false;
    }

    public PowerWindow Stop()
    {
        (double energy, double time) = started!.Value;
        started = null;
        double gauss = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        string? invalid = InvalidEvery > 0 && ++Windows % InvalidEvery == 0 ? "lost the bus" : null;
        return new PowerWindow(
            new Seconds(machine.Seconds - time), [new Joules((machine.Energy - energy) * (1 + (noise * gauss)))], [], Provenance, invalid);
    }

    public void Dispose()
    {
    }
}
