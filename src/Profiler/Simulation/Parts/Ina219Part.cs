using EdgePrune.Profiler.Sensors.Ina219;

namespace EdgePrune.Profiler.Simulation.Parts;

/// <summary>
/// Register model of the INA219 (SBOS448G). The shunt converts, with all its averages, and then the bus. The current register is
/// computed when the shunt is done, the power register when the bus is, and then CNVR goes up. It goes down when the power register
/// is read, or when a mode other than power-down and off is written.
/// </summary>
public sealed class Ina219Part : ConvertingPart
{
    private const int CurrentDivisor = 4096;
    private const int PowerDivisor = 5000;

    private Ina219Settings settings;
    private ushort calibration;
    private short shunt;
    private short current;
    private ushort bus;
    private ushort power;
    private bool isReady;
    private bool hasCurrentOverflow;
    private bool hasPowerOverflow;
    private long shuntSum;
    private long busSum;
    private int shuntCount;
    private int busCount;

    /// <param name="shuntOhms">The shunt that really is on the board.</param>
    public Ina219Part(ISupplyLine line, double shuntOhms, ConverterErrors? errors = null)
        : base([line], [shuntOhms], errors) => Reset();

    protected override void Reset()
    {
        calibration = 0;
        shunt = current = 0;
        bus = power = 0;
        isReady = hasCurrentOverflow = hasPowerOverflow = false;
        Configure(Ina219Settings.ResetValue);
    }

    protected override void WriteRegister(byte register, ushort value)
    {
        switch (register)
        {
            case Ina219Register.Configuration when (value & Ina219Settings.Reset) != 0:
                Reset();
                break;
            case Ina219Register.Configuration:
                Configure(value);
                break;
            case Ina219Register.Calibration:
                // Bit 0 does not exist.
                calibration = (ushort)(value & 0xFFFE);
                break;
            default:
                // The other registers cannot be written.
                break;
        }
    }

    protected override ushort ReadRegister(byte register)
    {
        switch (register)
        {
            case Ina219Register.Configuration:
                return settings.ToRegister();
            case Ina219Register.Shunt:
                ShuntWasRead();
                return (ushort)shunt;
            case Ina219Register.Bus:
                return (ushort)((bus << 3) | (isReady ? 2 : 0) | (hasCurrentOverflow || hasPowerOverflow ? 1 : 0));
            case Ina219Register.Power:
                isReady = false;
                return power;
            case Ina219Register.Current:
                return (ushort)current;
            case Ina219Register.Calibration:
                return calibration;
            default:
                return 0;
        }
    }

    protected override void Converted(ConversionStep conversion, double volts)
    {
        if (conversion.IsShunt)
        {
            int coarse = 1 << (12 - settings.ShuntAdc.Bits());
            shuntSum += coarse * Quantise(volts, Ina219Driver.ShuntStepVolts * coarse, -settings.ShuntFullScale / coarse, settings.ShuntFullScale / coarse);
            if (++shuntCount == settings.ShuntAdc.Samples())
            {
                shunt = (short)Mean(shuntSum, shuntCount);
                shuntSum = shuntCount = 0;
                long product = (long)shunt * calibration / CurrentDivisor;
                hasCurrentOverflow = product is > short.MaxValue or < short.MinValue;
                current = (short)Math.Clamp(product, short.MinValue, short.MaxValue);
                ShuntWasWritten();
            }
        }
        else
        {
            int coarse = 1 << (12 - settings.BusAdc.Bits());
            busSum += coarse * Quantise(volts, Ina219Driver.BusStepVolts * coarse, 0, settings.BusFullScale / coarse);
            if (++busCount == settings.BusAdc.Samples())
            {
                bus = (ushort)Mean(busSum, busCount);
                busSum = busCount = 0;
            }
        }
    }

    protected override void RoundEnded()
    {
        long product = Math.Abs((long)current) * bus / PowerDivisor;
        hasPowerOverflow = product > ushort.MaxValue;
        power = (ushort)Math.Min(product, ushort.MaxValue);
        isReady = true;
    }

    private static long Mean(long sum, int count) => (long)Math.Floor((sum / (double)count) + 0.5);

    private void Configure(ushort value)
    {
        settings = Ina219Settings.FromRegister(value);
        shuntSum = busSum = shuntCount = busCount = 0;
        if (settings.Mode is Ina219Mode.PowerDown or Ina219Mode.Off)
        {
            Start([], again: false);
            return;
        }

        isReady = false;
        int converted = (int)settings.Mode & 3;
        var shunts = Enumerable.Repeat(new ConversionStep(true, 0, settings.ShuntAdc.SampleTime().Value), (converted & 1) != 0 ? settings.ShuntAdc.Samples() : 0);
        var buses = Enumerable.Repeat(new ConversionStep(false, 0, settings.BusAdc.SampleTime().Value), (converted & 2) != 0 ? settings.BusAdc.Samples() : 0);
        Start(shunts.Concat(buses), again: settings.Mode > Ina219Mode.Off);
    }
}
