using System.Globalization;
using EdgePrune.Profiler.Sensors.I2c;

namespace EdgePrune.Profiler.Sensors.Ina219;

/// <summary>The INA219 of Texas Instruments, register by register (SBOS448G).</summary>
public sealed class Ina219Driver(I2cRegisters registers)
{
    public const double ShuntStepVolts = 10e-6;
    public const double BusStepVolts = 4e-3;

    // 0.04096 is an internal constant of the part (SBOS448G, equation 1).
    private const double CalibrationConstant = 0.04096;
    private const int PowerStepsPerCurrentStep = 20;
    private const int LargestShunt = 32_000;

    public I2cRegisters Registers { get; } = registers;

    /// <summary>Resolution of the shunt voltage, full scale and what is converted. Writing starts a new round.</summary>
    public Ina219Settings Settings
    {
        get => Ina219Settings.FromRegister(Registers.Read(Ina219Register.Configuration));
        set => Registers.Write(Ina219Register.Configuration, value.ToRegister());
    }

    /// <summary>Scale of the current register; see <see cref="CalibrationFor"/>. Bit 0 cannot be set.</summary>
    public ushort Calibration
    {
        get => Registers.Read(Ina219Register.Calibration);
        set => Registers.Write(Ina219Register.Calibration, value);
    }

    /// <summary>Calibration for steps of the current register of <paramref name="stepAmperes"/> (SBOS448G, equation 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The register cannot hold it.</exception>
    public static ushort CalibrationFor(double stepAmperes, double shuntOhms)
    {
        // The quotient of three decimal fractions may come out a hair below the whole number that it is.
        double value = Math.Truncate(CalibrationConstant / (stepAmperes * shuntOhms) * (1 + 1e-12));
        return value is >= 2 and <= 0xFFFE
            ? (ushort)((int)value & 0xFFFE)
            : throw new ArgumentOutOfRangeException(nameof(stepAmperes), $"steps of {stepAmperes} A over {shuntOhms} Ω need a calibration of {value}");
    }

    /// <summary>The step of the current register in amperes that a calibration gives.</summary>
    public static double CurrentStep(ushort calibration, double shuntOhms) => CalibrationConstant / (calibration * shuntOhms);

    /// <summary>The step of the power register in watts: 20 steps of the current register (SBOS448G, equation 3).</summary>
    public static double PowerStep(double currentStep) => PowerStepsPerCurrentStep * currentStep;

    /// <summary>Shunt voltage in steps of 10 µV, with its sign.</summary>
    public short ReadShunt() => (short)Registers.Read(Ina219Register.Shunt);

    public Ina219BusReading ReadBus() => new(Registers.Read(Ina219Register.Bus));

    /// <summary>The bus register once more, with less traffic where it was read last.</summary>
    public Ina219BusReading ReadBusAgain() => new(Registers.ReadAgain(Ina219Register.Bus));

    /// <summary>Current in steps of the calibration, with its sign.</summary>
    public short ReadCurrent() => (short)Registers.Read(Ina219Register.Current);

    /// <summary>Power in steps of 20 current steps, without a sign. Clears the flag of a new conversion.</summary>
    public ushort ReadPower() => Registers.Read(Ina219Register.Power);

    /// <summary>
    /// Resets the part and checks what it then holds. The part has no identification register, so before anything is written
    /// the configuration must look like one of an INA219.
    /// </summary>
    /// <exception cref="SensorException">It is another part.</exception>
    public void Identify()
    {
        ushort before = Registers.Read(Ina219Register.Configuration);
        if (!IsPlausible(before))
        {
            throw Other("reads", before, "whose two highest bits an INA219 never sets");
        }

        Registers.Write(Ina219Register.Configuration, Ina219Settings.Reset);
        ushort after = Registers.Read(Ina219Register.Configuration);
        if (after != Ina219Settings.ResetValue)
        {
            throw Other("after a reset reads", after, "and that of an INA219 reads 0x399F");
        }

        ushort calibration = Calibration;
        if (calibration != 0)
        {
            throw Registers.Failure(string.Create(
                CultureInfo.InvariantCulture, $"this is no INA219: calibration reads 0x{calibration:X4} after a reset and not 0; check the address"));
        }

        short shunt = ReadShunt();
        ushort bus = ReadBus().Register;
        if (Math.Abs((int)shunt) > LargestShunt || (bus & 4) != 0)
        {
            throw Registers.Failure(string.Create(
                CultureInfo.InvariantCulture, $"this is no INA219: shunt 0x{shunt:X4} and bus 0x{bus:X4} are no voltages of one; check the address"));
        }
    }

    /// <summary>Whether a configuration register can be that of an INA219: bit 15 reads 0 and bit 14 does not exist.</summary>
    internal static bool IsPlausible(ushort configuration) => (configuration & 0xC000) == 0;

    private SensorException Other(string how, ushort value, string why) => Registers.Failure(string.Create(
        CultureInfo.InvariantCulture, $"this is no INA219: configuration {how} 0x{value:X4}, {why}; check the address, or name the part that is there"));
}
