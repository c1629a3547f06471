using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Ina226;

/// <summary>The configuration register (SBOS547A, section 7.6.1).</summary>
/// <param name="Averages">Rounds that the part averages: 1, 4, 16, 64, 128, 256, 512 or 1024.</param>
public readonly record struct Ina226Settings(int Averages, Ina226Time BusTime, Ina226Time ShuntTime, Ina226Mode Mode)
{
    /// <summary>What the register holds after a reset or a dip of the supply.</summary>
    public const ushort ResetValue = 0x4127;

    /// <summary>The bit that resets the part when it is written.</summary>
    public const ushort Reset = 0x8000;

    // Bits 14 to 12 read 100 and cannot be changed.
    private const ushort Fixed = 0x4000;

    /// <summary>Typical time between two new values: a shunt and a bus conversion, as often as is averaged.</summary>
    public Seconds Period => (ShuntTime.Duration() + BusTime.Duration()) * Averages;

    public static Ina226Settings FromRegister(ushort value) => new(
        Ina226Times.AveragesOf(value >> 9), (Ina226Time)((value >> 6) & 7), (Ina226Time)((value >> 3) & 7), (Ina226Mode)(value & 7));

    /// <exception cref="InvalidOperationException">The part has no such number of averages.</exception>
    public ushort ToRegister() => Ina226Times.TryCodeOf(Averages, out int code)
        ? (ushort)(Fixed | (code << 9) | ((int)BusTime << 6) | ((int)ShuntTime << 3) | (int)Mode)
        : throw new InvalidOperationException($"the part has no {Averages} averages");
}
