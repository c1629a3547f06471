using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Ina219;

/// <summary>The configuration register (SBOS448G, section 8.6.2.1).</summary>
public readonly record struct Ina219Settings(
    Ina219BusRange BusRange, Ina219Gain Gain, Ina219Adc BusAdc, Ina219Adc ShuntAdc, Ina219Mode Mode)
{
    /// <summary>What the register holds after a reset or a dip of the supply.</summary>
    public const ushort ResetValue = 0x399F;

    /// <summary>The bit that resets the part when it is written.</summary>
    public const ushort Reset = 0x8000;

    /// <summary>Full scale of the shunt voltage in steps of 10 µV: 4000 to 32 000.</summary>
    public int ShuntFullScale => 4000 << (int)Gain;

    /// <summary>Full scale of the bus voltage in steps of 4 mV.</summary>
    public int BusFullScale => BusRange == Ina219BusRange.Volts16 ? 4000 : 8000;

    /// <summary>Typical time of the shunt's and then the bus's conversion.</summary>
    public Seconds Period => ShuntAdc.Time() + BusAdc.Time();

    public static Ina219Settings FromRegister(ushort value) => new(
        (Ina219BusRange)((value >> 13) & 1),
        (Ina219Gain)((value >> 11) & 3),
        (Ina219Adc)((value >> 7) & 15),
        (Ina219Adc)((value >> 3) & 15),
        (Ina219Mode)(value & 7));

    public ushort ToRegister() =>
        (ushort)(((int)BusRange << 13) | ((int)Gain << 11) | ((int)BusAdc << 7) | ((int)ShuntAdc << 3) | (int)Mode);
}
