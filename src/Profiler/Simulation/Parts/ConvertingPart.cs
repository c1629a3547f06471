using System.Buffers.Binary;

namespace EdgePrune.Profiler.Simulation.Parts;

/// <summary>
/// What the register models of INA219, INA226 and INA3221 share: a register pointer that is kept, 16-bit registers, and rounds of
/// conversions that run on the part's own clock, each of which integrates the supply over its own interval. The model catches up
/// with the supply's time whenever the bus asks it something. Not thread-safe; the bus takes care of that.
/// </summary>
public abstract class ConvertingPart : II2cPart
{
    private readonly ISupplyLine[] lines;
    private readonly double[] ohms;
    private readonly ConverterErrors errors;
    private readonly Random noise;
    private ConversionStep[] steps = [];
    private double roundTime;
    private double stepStart;
    private int step;
    private bool isRunning;
    private bool repeats;
    private byte pointer;
    private long shuntRound;
    private long lastSeen;

    /// <param name="lines">One supply line a channel, all with the same clock.</param>
    /// <param name="shuntOhms">The shunt that really is on each channel.</param>
    private protected ConvertingPart(IReadOnlyList<ISupplyLine> lines, IReadOnlyList<double> shuntOhms, ConverterErrors? errors)
    {
        this.lines = [.. lines];
        ohms = [.. shuntOhms];
        this.errors = errors ?? new ConverterErrors();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(this.errors.TimeFactor, nameof(errors));
        noise = new Random(this.errors.Seed);
    }

    /// <summary>Rounds that ended.</summary>
    public long Completed { get; private set; }

    /// <summary>Rounds whose shunt register was read at least once before the next round replaced it.</summary>
    public long Seen { get; private set; }

    /// <summary>Rounds that ended and were never read.</summary>
    public long Unread => Math.Max(0, Completed - Seen);

    /// <summary>Rounds whose last values decide what the registers hold.</summary>
    protected virtual int Memory => 1;

    public void Write(ReadOnlySpan<byte> data)
    {
        CatchUp();
        if (data.IsEmpty)
        {
            return;
        }

        pointer = data[0];
        if (data.Length >= 3)
        {
            WriteRegister(pointer, BinaryPrimitives.ReadUInt16BigEndian(data[1..]));
        }
    }

    public void Read(Span<byte> data)
    {
        CatchUp();
        ushort value = ReadRegister(pointer);
        for (int i = 0; i < data.Length; i++)
        {
            // After two bytes the part lets go of the line, and the pull-up resistor holds it high.
            data[i] = i switch { 0 => (byte)(value >> 8), 1 => (byte)value, _ => 0xFF };
        }
    }

    /// <summary>The part's own supply fails and comes back: every register and the pointer are as after a reset.</summary>
    public void PowerCycle()
    {
        CatchUp();
        pointer = 0;
        Reset();
    }

    /// <summary>Puts every register to its reset value and starts the default rounds.</summary>
    protected abstract void Reset();

    protected abstract void WriteRegister(byte register, ushort value);

    /// <summary>What the part puts on the bus for a register, with all that reading it does.</summary>
    protected abstract ushort ReadRegister(byte register);

    /// <summary>A conversion ended.</summary>
    /// <param name="volts">Mean of what the pins carried, with the part's errors and noise.</param>
    protected abstract void Converted(ConversionStep conversion, double volts);

    /// <summary>All conversions of a round ended.</summary>
    protected abstract void RoundEnded();

    /// <summary>Starts rounds now; what was converting is thrown away.</summary>
    /// <param name="round">Empty to stop.</param>
    /// <param name="again">One round after the other, or only one.</param>
    protected void Start(IEnumerable<ConversionStep> round, bool again)
    {
        steps = [.. round.Select(s => s with { Duration = s.Duration * errors.TimeFactor })];
        roundTime = steps.Sum(s => s.Duration);
        step = 0;
        stepStart = lines[0].Now.Value;
        isRunning = steps.Length > 0;
        repeats = again;
    }

    /// <summary>The shunt register of the round under way has been written; until now it held that of the round before.</summary>
    protected void ShuntWasWritten() => shuntRound = Completed + 1;

    /// <summary>The shunt register was read.</summary>
    protected void ShuntWasRead()
    {
        if (shuntRound != lastSeen)
        {
            lastSeen = shuntRound;
            Seen++;
        }
    }

    /// <summary>The nearest code of a converter, within its range.</summary>
    protected static int Quantise(double volts, double stepVolts, int least, int most) =>
        (int)Math.Clamp(Math.Floor((volts / stepVolts) + 0.5), least, most);

    private void CatchUp()
    {
        double now = lines[0].Now.Value;
        SkipUnseen(now);
        while (isRunning && stepStart + steps[step].Duration <= now)
        {
            ConversionStep current = steps[step];
            double end = stepStart + current.Duration;
            Converted(current, Measure(current, new(stepStart), new(end)));
            stepStart = end;
            step++;
            if (step < steps.Length)
            {
                continue;
            }

            RoundEnded();
            Completed++;
            step = 0;
            isRunning = repeats;
        }
    }

    // Rounds that nobody looked at have left nothing behind, so they need not be worked out.
    private void SkipUnseen(double now)
    {
        if (!isRunning || !repeats || step != 0)
        {
            return;
        }

        double pending = Math.Floor((now - stepStart) / roundTime) - Memory;
        if (pending > 0)
        {
            stepStart += pending * roundTime;
            Completed += (long)pending;
        }
    }

    private double Measure(ConversionStep conversion, Units.Seconds from, Units.Seconds to)
    {
        ISupplyLine line = lines[conversion.Channel];
        return conversion.IsShunt
            ? (line.MeanAmperes(from, to) * ohms[conversion.Channel] * (1 + errors.ShuntGain)) + errors.ShuntOffset + (errors.ShuntNoise * Gaussian())
            : (line.MeanVolts(from, to) * (1 + errors.BusGain)) + errors.BusOffset + (errors.BusNoise * Gaussian());
    }

    // Box and Muller.
    private double Gaussian() =>
        Math.Sqrt(-2 * Math.Log(1 - noise.NextDouble())) * Math.Cos(2 * Math.PI * noise.NextDouble());
}
