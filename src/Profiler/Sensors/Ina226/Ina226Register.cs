namespace EdgePrune.Profiler.Sensors.Ina226;

/// <summary>Registers of the INA226 (SBOS547A, table 4).</summary>
public static class Ina226Register
{
    public const byte Configuration = 0x00;
    public const byte Shunt = 0x01;
    public const byte Bus = 0x02;
    public const byte Power = 0x03;
    public const byte Current = 0x04;
    public const byte Calibration = 0x05;
    public const byte MaskEnable = 0x06;
    public const byte AlertLimit = 0x07;
    public const byte Manufacturer = 0xFE;
    public const byte Die = 0xFF;
}
