namespace EdgePrune.Profiler.Sensors.Ina3221;

/// <summary>Channels that convert, bits CH1en to CH3en of the configuration (SBOS576B, section 8.6.2.1).</summary>
[Flags]
public enum Ina3221Channels
{
    None = 0,
    Third = 1,
    Second = 2,
    First = 4,
    All = First | Second | Third,
}
