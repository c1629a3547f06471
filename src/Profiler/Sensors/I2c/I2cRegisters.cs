using System.Buffers.Binary;
using System.Globalization;

namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>
/// The 16-bit registers of one part, most significant byte first. A transfer that fails is tried again a bounded number of
/// times, because real boards answer a single error 121 now and then; what still fails names part, bus and address. Reading
/// allocates nothing. Not thread-safe.
/// </summary>
public sealed class I2cRegisters : IDisposable
{
    private const int NoPointer = -1;

    /// <summary>Clocks of a read that sets the pointer: start, address, pointer, repeated start, address, two bytes, stop.</summary>
    internal const int ReadClocks = 48;

    /// <summary>Clocks of a read that relies on the pointer kept by the part.</summary>
    internal const int ReadAgainClocks = 29;

    // The part puts the register into its shift register when it acknowledges its address for reading.
    private const double LatchedAfter = 29.0 / ReadClocks;
    private const double LatchedAfterAgain = 10.0 / ReadAgainClocks;

    private readonly II2cBus bus;
    private readonly TimeProvider clock;
    private readonly int attempts;
    private int pointer = NoPointer;

    /// <param name="bus">Taken over.</param>
    /// <param name="part">Name of the part for messages, for example INA219.</param>
    /// <param name="attempts">How often a transfer is tried before it counts as failed.</param>
    public I2cRegisters(II2cBus bus, int address, string part, TimeProvider clock, int attempts = 3)
    {
        ArgumentNullException.ThrowIfNull(bus);
        ArgumentOutOfRangeException.ThrowIfLessThan(address, 0x08);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address, 0x77);
        this.bus = bus;
        this.clock = clock;
        this.attempts = attempts;
        Address = address;
        Part = part;
    }

    public int Address { get; }

    public string Part { get; }

    /// <summary>Part, bus and address, for example "INA219 at i2c-1 0x40".</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Part} at {bus.Name} 0x{Address:X2}");

    /// <summary>Timestamp of the clock at which the part latched the value that was read last, as well as the host can tell.</summary>
    public long Latched { get; private set; }

    /// <summary>Transfers that had to be repeated since the part was opened.</summary>
    public long Retries { get; private set; }

    /// <summary>Reads a register.</summary>
    /// <exception cref="SensorException">The bus failed again and again.</exception>
    public ushort Read(byte register)
    {
        pointer = NoPointer;
        return ReadAgain(register);
    }

    /// <summary>Reads a register without naming it where it is the one that was read last: 29 clocks in place of 48.</summary>
    /// <exception cref="SensorException">The bus failed again and again.</exception>
    public ushort ReadAgain(byte register)
    {
        Span<byte> value = stackalloc byte[2];
        Span<byte> name = stackalloc byte[1];
        name[0] = register;
        for (int attempt = 1; ; attempt++)
        {
            bool kept = pointer == register;
            long from = clock.GetTimestamp();
            try
            {
                bus.WriteRead(Address, kept ? [] : name, value);
                long to = clock.GetTimestamp();
                Latched = from + (long)((to - from) * (kept ? LatchedAfterAgain : LatchedAfter));
                pointer = register;
                return BinaryPrimitives.ReadUInt16BigEndian(value);
            }
            catch (IOException e)
            {
                Retry(e, attempt);
            }
        }
    }

    /// <exception cref="SensorException">The bus failed again and again.</exception>
    public void Write(byte register, ushort value)
    {
        Span<byte> data = stackalloc byte[3];
        data[0] = register;
        BinaryPrimitives.WriteUInt16BigEndian(data[1..], value);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                bus.Write(Address, data);
                pointer = register;
                return;
            }
            catch (IOException e)
            {
                Retry(e, attempt);
            }
        }
    }

    /// <summary>An error that names part, bus and address.</summary>
    public SensorException Failure(string what) => new($"{Name}: {what}");

    public void Dispose() => bus.Dispose();

    // After an error nobody knows how far the part got, so its pointer is set anew.
    private void Retry(IOException error, int attempt)
    {
        pointer = NoPointer;
        if (attempt >= attempts)
        {
            throw new SensorException($"{Name}: {error.Message}{(attempt > 1 ? $"; tried {attempt} times" : "")}", error);
        }

        Retries++;
    }
}
