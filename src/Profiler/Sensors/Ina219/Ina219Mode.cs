namespace EdgePrune.Profiler.Sensors.Ina219;

/// <summary>What the part converts, bits MODE of the configuration (SBOS448G, table 6).</summary>
public enum Ina219Mode
{
    PowerDown = 0,
    ShuntOnce = 1,
    BusOnce = 2,
    BothOnce = 3,
    Off = 4,
    Shunt = 5,
    Bus = 6,
    Both = 7,
}
