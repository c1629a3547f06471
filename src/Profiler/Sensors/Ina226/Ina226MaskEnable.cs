namespace EdgePrune.Profiler.Sensors.Ina226;

/// <summary>The mask/enable register (SBOS547A, section 7.6.7). Reading it clears <see cref="ConversionReady"/>.</summary>
[Flags]
public enum Ina226MaskEnable
{
    None = 0,
    LatchAlert = 1 << 0,
    AlertActiveHigh = 1 << 1,

    /// <summary>OVF: current or power went beyond what their registers hold.</summary>
    Overflow = 1 << 2,

    /// <summary>CVRF: all conversions, averages and products of a round are done.</summary>
    ConversionReady = 1 << 3,
    AlertFunction = 1 << 4,
    AlertOnReady = 1 << 10,
    AlertOverPower = 1 << 11,
    AlertBusUnder = 1 << 12,
    AlertBusOver = 1 << 13,
    AlertShuntUnder = 1 << 14,
    AlertShuntOver = 1 << 15,
}
