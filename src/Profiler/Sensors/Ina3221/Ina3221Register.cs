namespace EdgePrune.Profiler.Sensors.Ina3221;

/// <summary>Registers of the INA3221 (SBOS576B, table 3).</summary>
public static class Ina3221Register
{
    public const byte Configuration = 0x00;
    public const byte ShuntSum = 0x0D;
    public const byte ShuntSumLimit = 0x0E;
    public const byte MaskEnable = 0x0F;
    public const byte PowerValidUpper = 0x10;
    public const byte PowerValidLower = 0x11;
    public const byte Manufacturer = 0xFE;
    public const byte Die = 0xFF;

    /// <summary>Shunt voltage of channel 1, 2 or 3.</summary>
    public static byte Shunt(int channel) => (byte)((2 * channel) - 1);

    /// <summary>Bus voltage of channel 1, 2 or 3.</summary>
    public static byte Bus(int channel) => (byte)(2 * channel);

    /// <summary>Limit of the critical alert of channel 1, 2 or 3.</summary>
    public static byte CriticalLimit(int channel) => (byte)(5 + (2 * channel));

    /// <summary>Limit of the warning alert of channel 1, 2 or 3.</summary>
    public static byte WarningLimit(int channel) => (byte)(6 + (2 * channel));
}
