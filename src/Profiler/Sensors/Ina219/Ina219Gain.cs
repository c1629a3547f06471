namespace EdgePrune.Profiler.Sensors.Ina219;

/// <summary>Full scale of the shunt voltage, bits PG of the configuration (SBOS448G, table 4).</summary>
public enum Ina219Gain
{
    Millivolts40 = 0,
    Millivolts80 = 1,
    Millivolts160 = 2,
    Millivolts320 = 3,
}
