using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation;

/// <summary>
/// A bus with register models on it. Each transfer takes the time that its clocks need, told to the owner of simulated time, who
/// lets that much pass; the part acts at the moment within the transfer at which a real one does. Thread-safe.
/// </summary>
/// <param name="name">For messages, for example i2c-1.</param>
/// <param name="hertz">Clock of the bus.</param>
/// <param name="spend">Lets time pass; null where time passes by itself.</param>
public sealed class SimulatedI2cBus(string name, int hertz, Action<Seconds>? spend = null) : II2cBus
{
    private const int ClocksPerByte = 9;
    private const double StallSeconds = 0.1;

    private readonly Dictionary<int, II2cPart> parts = [];
    private readonly Lock gate = new();

    public string Name { get; } = name;

    /// <summary>What is wrong at the moment.</summary>
    public I2cFaultKind Fault { get; set; }

    /// <summary>For <see cref="I2cFaultKind.Sporadic"/>: which transfers fail, every n-th.</summary>
    public int SporadicEvery { get; set; } = 100;

    /// <summary>For <see cref="I2cFaultKind.Stuck"/>: what every read gives.</summary>
    public ushort StuckValue { get; set; } = 0xFFFF;

    /// <summary>Time of each transfer beyond its clocks: system call, interrupt, start.</summary>
    public Seconds Overhead { get; set; }

    /// <summary>Transfers, failed ones included.</summary>
    public long Transfers { get; private set; }

    /// <summary>Time that the transfers took.</summary>
    public Seconds BusyTime { get; private set; }

    /// <summary>Puts a part on the bus.</summary>
    public void Add(int address, II2cPart part)
    {
        lock (gate)
        {
            parts.Add(address, part);
        }
    }

    public void Write(int address, ReadOnlySpan<byte> data)
    {
        lock (gate)
        {
            II2cPart part = Begin(address);
            Pass(2 + (ClocksPerByte * (1 + data.Length)));
            part.Write(data);
        }
    }

    public void WriteRead(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        lock (gate)
        {
            II2cPart part = Begin(address);
            if (!write.IsEmpty)
            {
                Pass(1 + (ClocksPerByte * (1 + write.Length)));
                part.Write(write);
            }

            // The part latches its register when it acknowledges its address.
            Pass(1 + ClocksPerByte);
            part.Read(read);
            Pass((ClocksPerByte * read.Length) + 1);
            if (Fault == I2cFaultKind.Stuck)
            {
                for (int i = 0; i < read.Length; i++)
                {
                    read[i] = (byte)(i % 2 == 0 ? StuckValue >> 8 : StuckValue);
                }
            }
        }
    }

    public void Dispose()
    {
        // The parts stay: a bus is opened again and again.
    }

    private II2cPart Begin(int address)
    {
        Transfers++;
        Take(Overhead.Value);
        switch (Fault)
        {
            case I2cFaultKind.Stall:
                Take(StallSeconds);
                throw new I2cTransferException(I2cErrors.TimedOut);
            case I2cFaultKind.Short:
                Pass(1 + (2 * ClocksPerByte));
                throw new I2cTransferException(I2cErrors.InputOutput);
            case I2cFaultKind.Vanished:
                throw new I2cTransferException(I2cErrors.NoDevice);
            case I2cFaultKind.Sporadic when Transfers % SporadicEvery == 0:
                Pass(2 + ClocksPerByte);
                throw new I2cTransferException(I2cErrors.RemoteInputOutput);
            case I2cFaultKind.NoAcknowledge:
                Pass(2 + ClocksPerByte);
                throw new I2cTransferException(I2cErrors.NoDeviceOrAddress);
            default:
                break;
        }

        if (parts.TryGetValue(address, out II2cPart? part))
        {
            return part;
        }

        Pass(2 + ClocksPerByte);
        throw new I2cTransferException(I2cErrors.NoDeviceOrAddress);
    }

    private void Pass(int clocks) => Take((double)clocks / hertz);

    private void Take(double seconds)
    {
        BusyTime += new Seconds(seconds);
        spend?.Invoke(new Seconds(seconds));
    }
}
