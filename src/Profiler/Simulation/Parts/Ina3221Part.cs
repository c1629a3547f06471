using EdgePrune.Profiler.Sensors.Ina226;
using EdgePrune.Profiler.Sensors.Ina3221;

namespace EdgePrune.Profiler.Simulation.Parts;

/// <summary>
/// Register model of the INA3221 (SBOS576B). Each enabled channel converts its shunt and then its bus. With averages each register
/// moves by (new − old) / N at each conversion, from the first value after the settings were written. After the last channel CVRF
/// goes up. It goes down when the mask register is read, or when a mode other than power-down is written. The comparators of alerts
/// and of the valid supply are not modelled: their registers only keep what is written.
/// </summary>
public sealed class Ina3221Part : ConvertingPart
{
    private const ushort MaskBits = 0x7C00;
    private const int Registers = 0x12;
    private const ushort LimitReset = 0x7FF8;
    private const ushort PowerValidUpperReset = 0x2710;
    private const ushort PowerValidLowerReset = 0x2328;

    private readonly ushort[] kept = new ushort[Registers];
    private readonly double[] shunts = new double[Ina3221Driver.Channels];
    private readonly double[] buses = new double[Ina3221Driver.Channels];
    private Ina3221Settings settings;
    private bool isReady;
    private int firstChannel;
    private int settled;

    /// <param name="lines">Three supply lines.</param>
    /// <param name="shuntOhms">The shunts that really are on the board.</param>
    public Ina3221Part(IReadOnlyList<ISupplyLine> lines, IReadOnlyList<double> shuntOhms, ConverterErrors? errors = null)
        : base(lines, shuntOhms, errors)
    {
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentOutOfRangeException.ThrowIfNotEqual(lines.Count, Ina3221Driver.Channels);
        Reset();
    }

    // After eight time constants a running average has forgotten all but 0.03 % of what was before.
    protected override int Memory => settings.Averages == 1 ? 1 : 8 * settings.Averages;

    protected override void Reset()
    {
        Array.Clear(kept);
        for (int channel = 1; channel <= Ina3221Driver.Channels; channel++)
        {
            kept[Ina3221Register.CriticalLimit(channel)] = kept[Ina3221Register.WarningLimit(channel)] = LimitReset;
        }

        kept[Ina3221Register.ShuntSumLimit] = Ina3221Driver.ShuntSumLimitReset;
        kept[Ina3221Register.PowerValidUpper] = PowerValidUpperReset;
        kept[Ina3221Register.PowerValidLower] = PowerValidLowerReset;
        Array.Clear(shunts);
        Array.Clear(buses);
        isReady = false;
        Configure(Ina3221Settings.ResetValue);
    }

    protected override void WriteRegister(byte register, ushort value)
    {
        switch (register)
        {
            case Ina3221Register.Configuration when (value & Ina3221Settings.Reset) != 0:
                Reset();
                break;
            case Ina3221Register.Configuration:
                Configure(value);
                break;
            case Ina3221Register.MaskEnable:
                kept[register] = (ushort)(value & MaskBits);
                break;
            case Ina3221Register.ShuntSumLimit:
                kept[register] = (ushort)(value & 0xFFFE);
                break;
            case >= 0x07 and <= 0x0C or Ina3221Register.PowerValidUpper or Ina3221Register.PowerValidLower:
                kept[register] = (ushort)(value & 0xFFF8);
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
            case Ina3221Register.Configuration:
                return settings.ToRegister();
            case >= 0x01 and <= 0x06:
                int channel = (register - 1) / 2;
                bool isShunt = register % 2 == 1;
                if (isShunt && channel == firstChannel)
                {
                    ShuntWasRead();
                }

                return Register(isShunt ? shunts[channel] : buses[channel], 3);
            case Ina3221Register.ShuntSum:
                return Register(Enumerable.Range(0, shunts.Length).Where(IsSummed).Sum(i => Math.Round(shunts[i])), 1);
            case Ina3221Register.MaskEnable:
                int flags = kept[register] | (isReady ? (int)Ina3221MaskEnable.ConversionReady : 0);
                isReady = false;
                return (ushort)flags;
            case Ina3221Register.Manufacturer:
                return Ina3221Driver.ManufacturerIdentity;
            case Ina3221Register.Die:
                return Ina3221Driver.DieIdentity;
            default:
                return register < kept.Length ? kept[register] : (ushort)0;
        }
    }

    protected override void Converted(ConversionStep conversion, double volts)
    {
        double[] values = conversion.IsShunt ? shunts : buses;
        int code = conversion.IsShunt
            ? Quantise(volts, Ina3221Driver.ShuntStepVolts, -Ina3221Driver.ShuntFullScale - 1, Ina3221Driver.ShuntFullScale)
            : Quantise(volts, Ina3221Driver.BusStepVolts, 0, Ina3221Driver.BusFullScale);
        ref double value = ref values[conversion.Channel];
        int register = (2 * conversion.Channel) + (conversion.IsShunt ? 0 : 1);
        bool isFirst = (settled & (1 << register)) == 0;
        settled |= 1 << register;
        value = isFirst ? code : value + ((code - value) / settings.Averages);
        if (conversion.IsShunt && conversion.Channel == firstChannel)
        {
            ShuntWasWritten();
        }
    }

    protected override void RoundEnded() => isReady = true;

    private static ushort Register(double value, int shift) => (ushort)((int)Math.Floor(value + 0.5) << shift);

    private bool IsSummed(int channel) => (kept[Ina3221Register.MaskEnable] & ((int)Ina3221MaskEnable.Sum1 >> channel)) != 0;

    private void Configure(ushort value)
    {
        settings = Ina3221Settings.FromRegister(value);
        settled = 0;
        int converted = (int)settings.Mode & 3;
        if (converted == 0)
        {
            Start([], again: false);
            return;
        }

        isReady = false;
        List<ConversionStep> round = [];
        foreach (int channel in Enumerable.Range(1, Ina3221Driver.Channels).Where(settings.Has))
        {
            if ((converted & 1) != 0)
            {
                round.Add(new ConversionStep(true, channel - 1, settings.ShuntTime.Duration().Value));
            }

            if ((converted & 2) != 0)
            {
                round.Add(new ConversionStep(false, channel - 1, settings.BusTime.Duration().Value));
            }
        }

        firstChannel = round.Count == 0 ? 0 : round[0].Channel;
        Start(round, again: settings.Mode > Ina226Mode.PowerDownToo);
    }
}
