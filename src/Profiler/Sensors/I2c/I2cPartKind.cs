namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>What a look at registers can tell apart.</summary>
internal enum I2cPartKind
{
    Ina219,
    Ina226,
    Ina3221,
}
