namespace EdgePrune.Profiler.Sensors.Ina3221;

/// <summary>The mask/enable register (SBOS576B, section 8.6.2.17). Reading it clears <see cref="ConversionReady"/>.</summary>
[Flags]
public enum Ina3221MaskEnable
{
    None = 0,

    /// <summary>CVRF: all enabled channels have converted.</summary>
    ConversionReady = 1 << 0,
    TimingControl = 1 << 1,
    PowerValid = 1 << 2,
    Warning3 = 1 << 3,
    Warning2 = 1 << 4,
    Warning1 = 1 << 5,
    ShuntSum = 1 << 6,
    Critical3 = 1 << 7,
    Critical2 = 1 << 8,
    Critical1 = 1 << 9,
    LatchCritical = 1 << 10,
    LatchWarning = 1 << 11,
    Sum3 = 1 << 12,
    Sum2 = 1 << 13,
    Sum1 = 1 << 14,
}
