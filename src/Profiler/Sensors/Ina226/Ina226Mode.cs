namespace EdgePrune.Profiler.Sensors.Ina226;

/// <summary>What the part converts, bits MODE of the configuration (SBOS547A, table 9).</summary>
public enum Ina226Mode
{
    PowerDown = 0,
    ShuntOnce = 1,
    BusOnce = 2,
    BothOnce = 3,
    PowerDownToo = 4,
    Shunt = 5,
    Bus = 6,
    Both = 7,
}
