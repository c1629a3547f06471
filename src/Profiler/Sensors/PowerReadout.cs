namespace EdgePrune.Profiler.Sensors;

public enum PowerReadout
{
    /// <summary>A stream of readings in watts (INA2xx, hwmon, PMIC).</summary>
    Samples,

    /// <summary>A running energy counter, read at both ends of a window (RAPL, hardware counters, the modelled source).</summary>
    EnergyCounter,
}
