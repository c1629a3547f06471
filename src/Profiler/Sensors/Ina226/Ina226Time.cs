namespace EdgePrune.Profiler.Sensors.Ina226;

/// <summary>Conversion time, bits VBUSCT or VSHCT (SBOS547A, tables 7 and 8); the INA3221 has the same eight.</summary>
public enum Ina226Time
{
    Microseconds140 = 0,
    Microseconds204 = 1,
    Microseconds332 = 2,
    Microseconds588 = 3,
    Microseconds1100 = 4,
    Microseconds2116 = 5,
    Microseconds4156 = 6,
    Microseconds8244 = 7,
}
