using EdgePrune.Profiler.Simulation;

namespace EdgePrune.DeviceVm.Usb;

/// <summary>
/// The device side of i2c-tiny-usb: vendor control transfers that carry one I2C message each, followed by a question for
/// its status. Source: the kernel's drivers/i2c/busses/i2c-tiny-usb.c. The kernel has one transfer under way at a time.
/// </summary>
/// <param name="parts">The parts on the bus by their address.</param>
internal sealed class TinyUsbAdapter(IReadOnlyDictionary<int, II2cPart> parts)
{
    private const byte Echo = 0, Functions = 1, SetDelay = 2, GetStatus = 3, Transfer = 4;

    /// <summary>Begin and end of a transaction, which the two low bits of a transfer's request say.</summary>
    private const byte TransferFlags = 3;

    private const byte AddressAcknowledged = 1, AddressNotAcknowledged = 2;

    private readonly Dictionary<int, TransferFault> faults = [];
    private readonly Lock gate = new();
    private long reads;
    private byte status;

    /// <summary>Messages read from a part so far; shows that a consumer is at work.</summary>
    public long Reads => Interlocked.Read(ref reads);

    /// <summary>From the next message on, this happens at that address.</summary>
    public void Inject(int address, TransferFault fault)
    {
        lock (gate)
        {
            faults[address] = fault;
        }
    }

    /// <summary>Carries out one control transfer on the control endpoint.</summary>
    /// <param name="setup">Its setup packet.</param>
    /// <param name="isIn">True where <paramref name="data"/> is to be filled, false where it holds what the host sent.</param>
    public ControlAnswer Control(ControlSetup setup, bool isIn, Span<byte> data)
    {
        if (!setup.IsVendor)
        {
            return TinyUsbDescriptors.Answer(setup, data);
        }

        switch (setup.Request)
        {
            case Echo:
                return TinyUsbDescriptors.Send([(byte)setup.Value, (byte)(setup.Value >> 8)], data);
            case Functions: // I2C_FUNC_I2C and I2C_FUNC_SMBUS_EMUL, little endian
                return TinyUsbDescriptors.Send([0x09, 0x00, 0xFF, 0x0E], data);
            case SetDelay:
                return ControlAnswer.Done(0);
            case GetStatus:
                return TinyUsbDescriptors.Send([status], data);
            case var request when (request & ~TransferFlags) == Transfer:
                return Message(setup.Index, isIn, data);
            default:
                return ControlAnswer.Stalled;
        }
    }

    private ControlAnswer Message(int address, bool isIn, Span<byte> data)
    {
        TransferFault fault;
        lock (gate)
        {
            fault = faults.GetValueOrDefault(address);
        }

        if (fault == TransferFault.NoAcknowledge || !parts.TryGetValue(address, out II2cPart? part))
        {
            status = AddressNotAcknowledged;
            data.Clear();
            return ControlAnswer.Done(data.Length);
        }

        if (fault is TransferFault.Stall or TransferFault.Silence)
        {
            return fault == TransferFault.Stall ? ControlAnswer.Stalled : ControlAnswer.Silent;
        }

        status = AddressAcknowledged;
        int length = fault == TransferFault.ShortTransfer ? Math.Max(0, data.Length - 1) : data.Length;
        if (isIn)
        {
            part.Read(data);
            Interlocked.Increment(ref reads);
        }
        else
        {
            part.Write(data[..length]);
        }

        return ControlAnswer.Done(length);
    }
}
