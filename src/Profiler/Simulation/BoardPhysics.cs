using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation;

/// <summary>What a simulated board is made of. The defaults are a small single-board computer on a good supply.</summary>
public sealed record BoardPhysics
{
    /// <summary>Supply voltage without load.</summary>
    public double Volts { get; init; } = 5.1;

    /// <summary>Resistance of cable and plug: the voltage sags with the current.</summary>
    public double LineOhms { get; init; } = 0.03;

    /// <summary>Power at rest at the ambient temperature.</summary>
    public Watts Idle { get; init; } = new(2.0);

    /// <summary>Time constant of the supply's capacitors, through which the sensor sees the load; zero for none.</summary>
    public Seconds SupplyFilter { get; init; }

    /// <summary>Kelvin above ambient for each watt, in the steady state.</summary>
    public double KelvinPerWatt { get; init; } = 6;

    /// <summary>Time constant of warming up.</summary>
    public Seconds ThermalTime { get; init; } = new(60);

    /// <summary>Leakage: watts more for each kelvin above ambient. Part of the idle power, not of a layer.</summary>
    public double LeakagePerKelvin { get; init; } = 0.004;

    public double AmbientCelsius { get; init; } = 25;

    /// <summary>The processor slows down above this temperature, and recovers five kelvin below it.</summary>
    public double ThrottleCelsius { get; init; } = 200;

    /// <summary>Speed while throttled or at the lower step of the governor, of full speed.</summary>
    public double LowSpeed { get; init; } = 0.6;

    /// <summary>How long after a pause the governor needs to raise the frequency; zero for a fixed frequency.</summary>
    public Seconds GovernorDelay { get; init; }

    /// <summary>Background activity: standard deviation of a slow random walk of the idle power, in watts.</summary>
    public double BackgroundWatts { get; init; }

    /// <summary>Its correlation time.</summary>
    public Seconds BackgroundTime { get; init; } = new(2);

    /// <summary>Relative standard deviation of the time of a run.</summary>
    public double TimeJitter { get; init; } = 0.003;
}
