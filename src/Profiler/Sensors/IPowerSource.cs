using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors;

/// <summary>
/// Something that tells how much power the board draws: a sensor on a bus, a counter of the processor, a model or a
/// simulated part. A source reports what it can resolve in <see cref="Traits"/> and never makes a reading look better.
/// Not thread-safe; one window at a time.
/// </summary>
public interface IPowerSource : IDisposable
{
    /// <summary>Part and address, for example "INA226 at i2c-1 0x40".</summary>
    string Name { get; }

    Provenance Provenance { get; }

    IReadOnlyList<PowerRail> Rails { get; }

    PowerTraits Traits { get; }

    /// <summary>Opens a window. The source identifies its part first and names the address where it is another.</summary>
    void Start();

    /// <summary>The next reading of the open window, for a live display; false while there is none. An energy counter gives the mean power between two of its readings, or nothing.</summary>
    bool TryTake(out PowerSample sample);

    /// <summary>Closes the window and returns all of it, including the readings already taken.</summary>
    PowerWindow Stop();
}
