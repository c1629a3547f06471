namespace EdgePrune.Profiler.Sensors.Ina219;

/// <summary>Full scale of the bus voltage, bit BRNG of the configuration.</summary>
public enum Ina219BusRange
{
    Volts16 = 0,
    Volts32 = 1,
}
