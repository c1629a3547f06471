using System.Globalization;
using EdgePrune.Profiler.Sensors.I2c;

namespace EdgePrune.Profiler.Sensors.Ina3221;

/// <summary>The INA3221 of Texas Instruments, register by register (SBOS576B). It has no calibration and computes no power.</summary>
public sealed class Ina3221Driver(I2cRegisters registers)
{
    public const double ShuntStepVolts = 40e-6;
    public const double BusStepVolts = 8e-3;
    public const ushort ManufacturerIdentity = 0x5449;
    public const ushort DieIdentity = 0x3220;
    public const int Channels = 3;

    /// <summary>Largest magnitude of a shunt voltage in steps: 163.8 mV.</summary>
    public const int ShuntFullScale = 4095;

    /// <summary>Largest bus voltage in steps: 32.76 V, of which the pins stand 26 V.</summary>
    public const int BusFullScale = 4095;

    /// <summary>What the limit of the shunt sum holds after a reset.</summary>
    public const ushort ShuntSumLimitReset = 0x7FFE;

    public I2cRegisters Registers { get; } = registers;

    /// <summary>Channels, times, averages and what is converted. Writing starts a new round.</summary>
    public Ina3221Settings Settings
    {
        get => Ina3221Settings.FromRegister(Registers.Read(Ina3221Register.Configuration));
        set => Registers.Write(Ina3221Register.Configuration, value.ToRegister());
    }

    /// <summary>Limit of the sum of shunt voltages, in the upper 15 bits.</summary>
    public ushort ShuntSumLimit
    {
        get => Registers.Read(Ina3221Register.ShuntSumLimit);
        set => Registers.Write(Ina3221Register.ShuntSumLimit, value);
    }

    /// <summary>Shunt voltage of a channel in steps of 40 µV, with its sign.</summary>
    public int ReadShunt(int channel) => Signed(Registers.Read(Ina3221Register.Shunt(channel)));

    /// <summary>Bus voltage of a channel in steps of 8 mV, between the pin IN− and ground.</summary>
    public int ReadBus(int channel) => Signed(Registers.Read(Ina3221Register.Bus(channel)));

    /// <summary>Sum of the chosen channels' shunt voltages in steps of 40 µV.</summary>
    public int ReadShuntSum() => (short)Registers.Read(Ina3221Register.ShuntSum) >> 1;

    /// <summary>Sets the shunt voltages at which a channel warns or raises the critical alert, in steps of 40 µV.</summary>
    public void WriteLimits(int channel, int warning, int critical)
    {
        Registers.Write(Ina3221Register.WarningLimit(channel), (ushort)(warning << 3));
        Registers.Write(Ina3221Register.CriticalLimit(channel), (ushort)(critical << 3));
    }

    /// <summary>Sets the bus voltages between which the supply is valid, in steps of 8 mV.</summary>
    public void WritePowerValid(int lower, int upper)
    {
        Registers.Write(Ina3221Register.PowerValidLower, (ushort)(lower << 3));
        Registers.Write(Ina3221Register.PowerValidUpper, (ushort)(upper << 3));
    }

    /// <summary>Flags. Clears the flag of a new conversion.</summary>
    public Ina3221MaskEnable ReadFlags() => (Ina3221MaskEnable)Registers.ReadAgain(Ina3221Register.MaskEnable);

    /// <summary>Chooses latches and the channels that are summed; the flags themselves cannot be written.</summary>
    public void WriteMask(Ina3221MaskEnable mask) => Registers.Write(Ina3221Register.MaskEnable, (ushort)mask);

    /// <summary>Checks who the part is, resets it and checks what it then holds.</summary>
    /// <exception cref="SensorException">It is another part.</exception>
    public void Identify()
    {
        ushort manufacturer = Registers.Read(Ina3221Register.Manufacturer);
        ushort die = Registers.Read(Ina3221Register.Die);
        if (manufacturer != ManufacturerIdentity || die != DieIdentity)
        {
            throw Registers.Failure(string.Create(
                CultureInfo.InvariantCulture,
                $"this is no INA3221: it identifies itself as 0x{manufacturer:X4} 0x{die:X4}, and an INA3221 as 0x5449 0x3220; check the address, or name the part that is there"));
        }

        Registers.Write(Ina3221Register.Configuration, Ina3221Settings.Reset);
        ushort configuration = Registers.Read(Ina3221Register.Configuration);
        ushort limit = ShuntSumLimit;
        if (configuration != Ina3221Settings.ResetValue || limit != ShuntSumLimitReset)
        {
            throw Registers.Failure(string.Create(
                CultureInfo.InvariantCulture,
                $"after a reset configuration reads 0x{configuration:X4} and the shunt sum's limit 0x{limit:X4}, not 0x7127 and 0x7FFE: another program uses the part, or the wiring is bad"));
        }
    }

    /// <summary>Whether a configuration register can be that of an INA3221: bit 15 reads 0.</summary>
    internal static bool IsPlausible(ushort configuration) => (configuration & 0x8000) == 0;

    // 12 bits and a sign in the upper bits; the lowest three read 0.
    private static int Signed(ushort register) => (short)register >> 3;
}
