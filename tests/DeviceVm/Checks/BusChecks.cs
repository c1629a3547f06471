using System.Globalization;
using EdgePrune.DeviceVm.Kernel;
using EdgePrune.DeviceVm.Supply;
using EdgePrune.DeviceVm.Usb;

namespace EdgePrune.DeviceVm.Checks;

/// <summary>The INA219 through the kernel's I2C (I2C_RDWR on /dev/i2c-N), without any driver: registers against the truth.</summary>
internal sealed class BusChecks(TimeProvider clock)
{
    private const byte Configuration = 0, Shunt = 1, BusVoltage = 2, Current = 4, Calibration = 5;
    private const double ShuntStep = 10e-6, BusStep = 4e-3;

    // The reset value: 32 V, ±320 mV, 12 bits, shunt and bus continuously.
    private const ushort Reset = 0x399F;

    // Whole scale: nothing, a little, the middle, the ends of the 320 mV range, and power that flows back.
    private static readonly (double Volts, double Amperes)[] Truths =
        [(5, 0), (5.1, 0.00123), (5, 0.5), (3.3, 1.2345), (12, 3.1999), (19.5, 0.25), (5, -0.75)];

    public void Run(CheckReport report)
    {
        var line = new SteadyLine(clock);
        using var bench = new Bench(line, [line, line, line]);
        I2cBus bus = bench.Bus;
        int error = bus.ReadRegister(Bench.FreeAddress, Configuration, out ushort configuration);
        report.Check("an INA219 answers through I2C_RDWR", error == 0 && configuration == Reset, Figures($"{bus.File} 0x40, errno {error}, configuration {configuration:X4}h, reset value {Reset:X4}h"));
        foreach ((double volts, double amperes) in Truths)
        {
            line.Set(volts, amperes);
            Compare(report, bus, volts, amperes);
        }

        Calibrated(report, bus, line);
        error = bus.ReadRegister(Bench.EmptyAddress, Configuration, out _);
        report.Check("an address without a part", error == LibC.NoSuchDeviceOrAddress, Figures($"0x45 ends with errno {error}, ENXIO is {LibC.NoSuchDeviceOrAddress}"));
        Faults(report, bench);
    }

    private static void Compare(CheckReport report, I2cBus bus, double volts, double amperes)
    {
        Settle();
        int error = bus.ReadRegister(Bench.FreeAddress, Shunt, out ushort shunt);
        error = Math.Max(error, bus.ReadRegister(Bench.FreeAddress, BusVoltage, out ushort voltage));
        double shuntVolts = (short)shunt * ShuntStep;
        double busVolts = (voltage >> 3) * BusStep;
        double truth = amperes * Bench.ShuntOhms;
        report.Check(
            Figures($"registers at {volts} V, {amperes} A"),
            error == 0 && Math.Abs(shuntVolts - truth) <= ShuntStep && Math.Abs(busVolts - volts) <= BusStep,
            Figures($"shunt {shuntVolts * 1e3:F3} mV of {truth * 1e3:F3} mV (step 0.01), bus {busVolts:F3} V of {volts:F3} V (step 0.004), errno {error}"));
    }

    private static void Calibrated(CheckReport report, I2cBus bus, SteadyLine line)
    {
        // 0.04096 / (100 µA · 0.1 Ω), data sheet SBOS448, equation 1.
        const ushort ForTenthsOfMilliamperes = 4096;
        line.Set(5, 1.25);
        int error = bus.WriteRegister(Bench.FreeAddress, Calibration, ForTenthsOfMilliamperes);
        Settle();
        error = Math.Max(error, bus.ReadRegister(Bench.FreeAddress, Current, out ushort current));
        report.Check(
            "current register after calibration",
            error == 0 && Math.Abs((short)current - 12500) <= 1,
            Figures($"{(short)current * 0.1:F1} mA of 1250.0 mA (step 0.1), errno {error}"));
    }

    /// <summary>Each fault ends the transfer with the kernel's errno, and the next transfer works again.</summary>
    private static void Faults(CheckReport report, Bench bench)
    {
        foreach (TransferFault fault in Enum.GetValues<TransferFault>().Where(f => f != TransferFault.None))
        {
            bench.Adapter.Inject(Bench.FreeAddress, fault);
            int error = bench.Bus.ReadRegister(Bench.FreeAddress, BusVoltage, out _);
            bench.Adapter.Inject(Bench.FreeAddress, TransferFault.None);
            int after = bench.Bus.ReadRegister(Bench.FreeAddress, BusVoltage, out _);
            int expected = fault == TransferFault.NoAcknowledge ? LibC.NoSuchDeviceOrAddress : LibC.InputOutputError;
            report.Check(Figures($"transfer with {fault}"), error == expected && after == 0, Figures($"errno {error}, expected {expected}; the next one: {after}"));
        }
    }

    /// <summary>Longer than the conversion under way and the next.</summary>
    private static void Settle() => Thread.Sleep(5);

    private static string Figures(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
