using EdgePrune.Profiler.Timing;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Energy.Measurement;

/// <summary>How the energy of a network and its layers is measured.</summary>
public sealed record EnergyMeasurementOptions
{
    /// <summary>Time to spend, idle windows included.</summary>
    public Seconds Budget { get; init; } = new(60);

    /// <summary>Seed of the order of the windows and of the bootstrap.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// Time that the supply and the sensor need after a change of the load, beyond what the source says of itself. Ten time
    /// constants of a 1 ms filter.
    /// </summary>
    public Seconds Settle { get; init; } = Seconds.FromMilliseconds(10);

    /// <summary>
    /// Half width of the 95 % interval of the source's gain, as a fraction, where the device file knows more than the source
    /// says of itself.
    /// </summary>
    public double? Accuracy { get; init; }

    /// <summary>State of the machine, read around each window; null where there is nothing to read.</summary>
    public Func<Conditions>? Conditions { get; init; }

    /// <summary>
    /// Idle power that the board can have. A sensor with a wrong shunt is off by a factor, and nothing else tells.
    /// </summary>
    public (Watts Low, Watts High)? PlausibleIdle { get; init; }
}
