namespace EdgePrune.Profiler.Sensors.Ina219;

/// <summary>Resolution or averaging of one converter, bits BADC or SADC (SBOS448G, table 5).</summary>
public enum Ina219Adc
{
    Bits9 = 0,
    Bits10 = 1,
    Bits11 = 2,

    /// <summary>12 bits as the part has it after a reset.</summary>
    Bits12 = 3,

    /// <summary>12 bits by the other code that means the same.</summary>
    Samples1 = 8,
    Samples2 = 9,
    Samples4 = 10,
    Samples8 = 11,
    Samples16 = 12,
    Samples32 = 13,
    Samples64 = 14,
    Samples128 = 15,
}
