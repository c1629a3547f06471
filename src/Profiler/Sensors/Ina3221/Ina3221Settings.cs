using System.Numerics;
using EdgePrune.Profiler.Sensors.Ina226;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Ina3221;

/// <summary>The configuration register (SBOS576B, section 8.6.2.1). Modes, times and averages are coded as in the INA226.</summary>
/// <param name="Averages">
/// Weight of the running average: each conversion moves the register by (new − old) / averages, so a value remembers long before it.
/// </param>
public readonly record struct Ina3221Settings(
    Ina3221Channels Channels, int Averages, Ina226Time BusTime, Ina226Time ShuntTime, Ina226Mode Mode)
{
    /// <summary>What the register holds after a reset or a dip of the supply.</summary>
    public const ushort ResetValue = 0x7127;

    /// <summary>The bit that resets the part when it is written.</summary>
    public const ushort Reset = 0x8000;

    /// <summary>Typical time of the shunt's and the bus's conversion of one channel.</summary>
    public Seconds ChannelTime => ShuntTime.Duration() + BusTime.Duration();

    /// <summary>Typical time between two new values of a channel. Averaging gives a value each round and does not lengthen it.</summary>
    public Seconds Period => ChannelTime * BitOperations.PopCount((uint)Channels);

    public static Ina3221Settings FromRegister(ushort value) => new(
        (Ina3221Channels)((value >> 12) & 7),
        Ina226Times.AveragesOf(value >> 9),
        (Ina226Time)((value >> 6) & 7),
        (Ina226Time)((value >> 3) & 7),
        (Ina226Mode)(value & 7));

    /// <exception cref="InvalidOperationException">The part has no such number of averages.</exception>
    public ushort ToRegister() => Ina226Times.TryCodeOf(Averages, out int code)
        ? (ushort)(((int)Channels << 12) | (code << 9) | ((int)BusTime << 6) | ((int)ShuntTime << 3) | (int)Mode)
        : throw new InvalidOperationException($"the part has no {Averages} averages");

    /// <summary>Whether channel 1, 2 or 3 converts.</summary>
    public bool Has(int channel) => (Channels & Of(channel)) != 0;

    /// <summary>The flag of channel 1, 2 or 3.</summary>
    public static Ina3221Channels Of(int channel) => (Ina3221Channels)(8 >> channel);
}
