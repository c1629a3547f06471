namespace EdgePrune.Profiler.Sensors.Ina219;

/// <summary>Registers of the INA219 (SBOS448G, table 2).</summary>
public static class Ina219Register
{
    public const byte Configuration = 0x00;
    public const byte Shunt = 0x01;
    public const byte Bus = 0x02;
    public const byte Power = 0x03;
    public const byte Current = 0x04;
    public const byte Calibration = 0x05;
}
