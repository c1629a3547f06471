using System.Buffers.Binary;
using System.Runtime.InteropServices;
using EdgePrune.Profiler.Sensors.I2c;
using EdgePrune.Profiler.Simulation;

namespace EdgePrune.I2cRig;

/// <summary>One bus with register models behind the ioctls of i2c-dev (Documentation/i2c/dev-interface).</summary>
internal sealed class SimulatedDevices(int number, SimulatedI2cBus bus) : II2cDevices
{
    private const int MostMessages = 42;
    private const int LongestMessage = 8192;
    private const int BadAddress = 14;

    private readonly byte[] written = new byte[LongestMessage];
    private readonly byte[] readBytes = new byte[LongestMessage];

    /// <summary>What I2C_FUNCS answers; an adapter for plain I2C unless changed.</summary>
    public ulong Functions { get; set; } = 0x0EFF0009;

    public int ErrorOfOpen { get; set; }

    /// <summary>Error number that every transfer gets; 0 for none.</summary>
    public int ErrorOfTransfer { get; set; }

    /// <summary>Calls of I2C_RDWR.</summary>
    public long Requests { get; private set; }

    /// <summary>Messages in them.</summary>
    public long Messages { get; private set; }

    public bool Has(int bus) => bus == number;

    public int OpenError(int bus) => ErrorOfOpen;

    public Answer Control(int bus, uint request, ulong argument, CallerMemory memory)
    {
        switch (request)
        {
            case I2cRequests.Functions:
                ulong functions = Functions;
                return memory.TryWrite(argument, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in functions))) ? Answer.Returns(0) : Answer.Fails(BadAddress);
            case I2cRequests.ReadWrite:
                return Transfer(argument, memory);
            default:
                return Answer.Fails(I2cErrors.NotATerminal);
        }
    }

    private Answer Transfer(ulong argument, CallerMemory memory)
    {
        Requests++;
        if (ErrorOfTransfer != 0)
        {
            return Answer.Fails(ErrorOfTransfer);
        }

        // struct i2c_rdwr_ioctl_data of a 64-bit caller: address of the messages, their number.
        Span<byte> request = stackalloc byte[16];
        if (!memory.TryRead(argument, request))
        {
            return Answer.Fails(BadAddress);
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(request[8..]);
        if (count is 0 or > MostMessages)
        {
            return Answer.Fails(I2cErrors.InvalidArgument);
        }

        byte[] messages = new byte[count * I2cMessage.Size];
        if (!memory.TryRead(BinaryPrimitives.ReadUInt64LittleEndian(request), messages))
        {
            return Answer.Fails(BadAddress);
        }

        try
        {
            return Carry([.. messages.Chunk(I2cMessage.Size).Select(m => I2cMessage.Parse(m))], memory);
        }
        catch (I2cTransferException e)
        {
            return Answer.Fails(e.ErrorNumber);
        }
    }

    private Answer Carry(ReadOnlySpan<I2cMessage> messages, CallerMemory memory)
    {
        Messages += messages.Length;
        int pending = 0;
        for (int i = 0; i < messages.Length; i++)
        {
            I2cMessage message = messages[i];
            if (message.Length > LongestMessage)
            {
                return Answer.Fails(I2cErrors.InvalidArgument);
            }

            if (message.IsRead)
            {
                Span<byte> read = readBytes.AsSpan(0, message.Length);
                bus.WriteRead(message.Address, written.AsSpan(0, pending), read);
                pending = 0;
                if (!memory.TryWrite(message.Bytes, read))
                {
                    return Answer.Fails(BadAddress);
                }

                continue;
            }

            Span<byte> write = written.AsSpan(0, message.Length);
            if (!memory.TryRead(message.Bytes, write))
            {
                return Answer.Fails(BadAddress);
            }

            // What is written right before a read goes with it, over a repeated start.
            bool isBeforeRead = i + 1 < messages.Length && messages[i + 1].IsRead && messages[i + 1].Address == message.Address;
            pending = isBeforeRead ? message.Length : 0;
            if (!isBeforeRead)
            {
                bus.Write(message.Address, write);
            }
        }

        return Answer.Returns(messages.Length);
    }
}
