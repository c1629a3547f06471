using EdgePrune.Profiler.Sensors.Ina226;

namespace EdgePrune.Profiler.Simulation.Parts;

/// <summary>
/// Register model of the INA226 (SBOS547A). Shunt and bus convert in turns; when all averages of one are there its register is
/// written. After the last conversion CVRF goes up. It goes down when the mask register is read, or when a mode other than
/// power-down is written. The comparators of the alert functions are not modelled: their registers only keep what is written.
/// </summary>
public sealed class Ina226Part : ConvertingPart
{
    private const int CurrentDivisor = 2048;
    private const int PowerDivisor = 20_000;
    private const ushort MaskBits = 0xFC03;

    private Ina226Settings settings;
    private ushort calibration;
    private ushort mask;
    private ushort alertLimit;
    private short shunt;
    private short current;
    private ushort bus;
    private ushort power;
    private bool isReady;
    private bool hasOverflow;
    private long shuntSum;
    private long busSum;
    private int shuntCount;
    private int busCount;

    /// <param name="shuntOhms">The shunt that really is on the board.</param>
    public Ina226Part(ISupplyLine line, double shuntOhms, ConverterErrors? errors = null)
        : base([line], [shuntOhms], errors) => Reset();

    protected override void Reset()
    {
        calibration = mask = alertLimit = 0;
        shunt = current = 0;
        bus = power = 0;
        isReady = hasOverflow = false;
        Configure(Ina226Settings.ResetValue);
    }

    protected override void WriteRegister(byte register, ushort value)
    {
        switch (register)
        {
            case Ina226Register.Configuration when (value & Ina226Settings.Reset) != 0:
                Reset();
                break;
            case Ina226Register.Configuration:
                Configure(value);
                break;
            case Ina226Register.Calibration:
                calibration = (ushort)(value & 0x7FFF);
                break;
            case Ina226Register.MaskEnable:
                mask = (ushort)(value & MaskBits);
                break;
            case Ina226Register.AlertLimit:
                alertLimit = value;
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
            case Ina226Register.Configuration:
                return settings.ToRegister();
            case Ina226Register.Shunt:
                ShuntWasRead();
                return (ushort)shunt;
            case Ina226Register.Bus:
                return bus;
            case Ina226Register.Power:
                return power;
            case Ina226Register.Current:
                return (ushort)current;
            case Ina226Register.Calibration:
                return calibration;
            case Ina226Register.MaskEnable:
                var flags = (Ina226MaskEnable)mask | (isReady ? Ina226MaskEnable.ConversionReady : 0) | (hasOverflow ? Ina226MaskEnable.Overflow : 0);
                isReady = false;
                return (ushort)flags;
            case Ina226Register.AlertLimit:
                return alertLimit;
            case Ina226Register.Manufacturer:
                return Ina226Driver.ManufacturerIdentity;
            case Ina226Register.Die:
                return Ina226Driver.DieIdentity;
            default:
                return 0;
        }
    }

    protected override void Converted(ConversionStep conversion, double volts)
    {
        if (conversion.IsShunt)
        {
            shuntSum += Quantise(volts, Ina226Driver.ShuntStepVolts, short.MinValue, short.MaxValue);
            if (++shuntCount == settings.Averages)
            {
                shunt = (short)Mean(shuntSum, shuntCount);
                shuntSum = shuntCount = 0;
                ShuntWasWritten();
            }
        }
        else
        {
            busSum += Quantise(volts, Ina226Driver.BusStepVolts, 0, Ina226Driver.BusFullScale);
            if (++busCount == settings.Averages)
            {
                bus = (ushort)Mean(busSum, busCount);
                busSum = busCount = 0;
            }
        }
    }

    protected override void RoundEnded()
    {
        long amperes = (long)shunt * calibration / CurrentDivisor;
        current = (short)Math.Clamp(amperes, short.MinValue, short.MaxValue);
        long watts = Math.Abs((long)current) * bus / PowerDivisor;
        power = (ushort)Math.Min(watts, ushort.MaxValue);
        hasOverflow = amperes is > short.MaxValue or < short.MinValue || watts > ushort.MaxValue;
        isReady = true;
    }

    private static long Mean(long sum, int count) => (long)Math.Floor((sum / (double)count) + 0.5);

    private void Configure(ushort value)
    {
        settings = Ina226Settings.FromRegister(value);
        shuntSum = busSum = shuntCount = busCount = 0;
        int converted = (int)settings.Mode & 3;
        if (converted == 0)
        {
            Start([], again: false);
            return;
        }

        isReady = false;
        List<ConversionStep> turn = [];
        if ((converted & 1) != 0)
        {
            turn.Add(new ConversionStep(true, 0, settings.ShuntTime.Duration().Value));
        }

        if ((converted & 2) != 0)
        {
            turn.Add(new ConversionStep(false, 0, settings.BusTime.Duration().Value));
        }

        Start(Enumerable.Repeat(turn, settings.Averages).SelectMany(t => t), again: settings.Mode > Ina226Mode.PowerDownToo);
    }
}
