using System.Globalization;
using EdgePrune.Profiler.Sensors.I2c;

namespace EdgePrune.Profiler.Sensors.Ina226;

/// <summary>The INA226 of Texas Instruments, register by register (SBOS547A).</summary>
public sealed class Ina226Driver(I2cRegisters registers)
{
    public const double ShuntStepVolts = 2.5e-6;
    public const double BusStepVolts = 1.25e-3;
    public const ushort ManufacturerIdentity = 0x5449;
    public const ushort DieIdentity = 0x2260;

    /// <summary>Largest magnitude of the shunt voltage register: 81.92 mV.</summary>
    public const int ShuntFullScale = 0x7FFF;

    /// <summary>Largest value of the bus voltage register: 40.96 V, of which the pin stands 36 V.</summary>
    public const int BusFullScale = 0x7FFF;

    // 0.00512 is an internal constant of the part (SBOS547A, equation 1).
    private const double CalibrationConstant = 0.00512;
    private const int PowerStepsPerCurrentStep = 25;

    public I2cRegisters Registers { get; } = registers;

    /// <summary>Times, averages and what is converted. Writing starts a new round.</summary>
    public Ina226Settings Settings
    {
        get => Ina226Settings.FromRegister(Registers.Read(Ina226Register.Configuration));
        set => Registers.Write(Ina226Register.Configuration, value.ToRegister());
    }

    /// <summary>Scale of the current register; see <see cref="CalibrationFor"/>. 15 bits.</summary>
    public ushort Calibration
    {
        get => Registers.Read(Ina226Register.Calibration);
        set => Registers.Write(Ina226Register.Calibration, value);
    }

    /// <summary>The value that the alert function compares with.</summary>
    public ushort AlertLimit
    {
        get => Registers.Read(Ina226Register.AlertLimit);
        set => Registers.Write(Ina226Register.AlertLimit, value);
    }

    /// <summary>Calibration for steps of the current register of <paramref name="stepAmperes"/> (SBOS547A, equation 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The register cannot hold it.</exception>
    public static ushort CalibrationFor(double stepAmperes, double shuntOhms)
    {
        // The quotient of three decimal fractions may come out a hair below the whole number that it is.
        double value = Math.Truncate(CalibrationConstant / (stepAmperes * shuntOhms) * (1 + 1e-12));
        return value is >= 1 and <= 0x7FFF
            ? (ushort)value
            : throw new ArgumentOutOfRangeException(nameof(stepAmperes), $"steps of {stepAmperes} A over {shuntOhms} Ω need a calibration of {value}");
    }

    /// <summary>The step of the current register in amperes that a calibration gives.</summary>
    public static double CurrentStep(ushort calibration, double shuntOhms) => CalibrationConstant / (calibration * shuntOhms);

    /// <summary>The step of the power register in watts: 25 steps of the current register.</summary>
    public static double PowerStep(double currentStep) => PowerStepsPerCurrentStep * currentStep;

    /// <summary>Shunt voltage in steps of 2.5 µV, with its sign.</summary>
    public short ReadShunt() => (short)Registers.Read(Ina226Register.Shunt);

    /// <summary>Voltage of the pin VBUS in steps of 1.25 mV.</summary>
    public int ReadBus() => Registers.Read(Ina226Register.Bus) & 0x7FFF;

    /// <summary>Current in steps of the calibration, with its sign.</summary>
    public short ReadCurrent() => (short)Registers.Read(Ina226Register.Current);

    /// <summary>Power in steps of 25 current steps, without a sign.</summary>
    public ushort ReadPower() => Registers.Read(Ina226Register.Power);

    /// <summary>Flags and alert functions. Clears the flag of a new conversion.</summary>
    public Ina226MaskEnable ReadFlags() => (Ina226MaskEnable)Registers.ReadAgain(Ina226Register.MaskEnable);

    /// <summary>Chooses alert functions; the flags themselves cannot be written.</summary>
    public void WriteMask(Ina226MaskEnable mask) => Registers.Write(Ina226Register.MaskEnable, (ushort)mask);

    /// <summary>Checks who the part is, resets it and checks what it then holds.</summary>
    /// <exception cref="SensorException">It is another part.</exception>
    public void Identify()
    {
        ushort manufacturer = Registers.Read(Ina226Register.Manufacturer);
        ushort die = Registers.Read(Ina226Register.Die);
        if (manufacturer != ManufacturerIdentity || die != DieIdentity)
        {
            throw Registers.Failure(string.Create(
                CultureInfo.InvariantCulture,
                $"this is no INA226: it identifies itself as 0x{manufacturer:X4} 0x{die:X4}, and an INA226 as 0x5449 0x2260; check the address, or name the part that is there"));
        }

        Registers.Write(Ina226Register.Configuration, Ina226Settings.Reset);
        ushort configuration = Registers.Read(Ina226Register.Configuration);
        ushort calibration = Calibration;
        if (configuration != Ina226Settings.ResetValue || calibration != 0)
        {
            throw Registers.Failure(string.Create(
                CultureInfo.InvariantCulture,
                $"after a reset configuration reads 0x{configuration:X4} and calibration 0x{calibration:X4}, not 0x4127 and 0: another program uses the part, or the wiring is bad"));
        }
    }

    /// <summary>Whether a configuration register can be that of an INA226: bits 15 to 12 read 0100.</summary>
    internal static bool IsPlausible(ushort configuration) => (configuration & 0xF000) == 0x4000;
}
