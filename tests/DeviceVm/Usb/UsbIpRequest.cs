using System.Buffers.Binary;

namespace EdgePrune.DeviceVm.Usb;

/// <summary>
/// The fields of a USB/IP request that a device with nothing but its control endpoint needs.
/// Source: the kernel's Documentation/usb/usbip_protocol.rst, "USBIP_CMD_SUBMIT" and "USBIP_CMD_UNLINK".
/// </summary>
/// <param name="Command"><see cref="Submit"/> or <see cref="Unlink"/>.</param>
/// <param name="Sequence">Number by which the answer is matched.</param>
/// <param name="IsIn">True where the device sends the data.</param>
/// <param name="Endpoint">Endpoint number; 0 is the control endpoint.</param>
/// <param name="Length">Bytes that the transfer may hold.</param>
/// <param name="Setup">The eight bytes of a control transfer.</param>
internal readonly record struct UsbIpRequest(
    uint Command, uint Sequence, bool IsIn, uint Endpoint, int Length, ControlSetup Setup)
{
    /// <summary>Length of every header, requests and answers alike.</summary>
    public const int HeaderBytes = 48;

    public const uint Submit = 1;

    public const uint Unlink = 2;

    public static UsbIpRequest Parse(ReadOnlySpan<byte> header) => new(
        BinaryPrimitives.ReadUInt32BigEndian(header),
        BinaryPrimitives.ReadUInt32BigEndian(header[4..]),
        BinaryPrimitives.ReadUInt32BigEndian(header[12..]) != 0,
        BinaryPrimitives.ReadUInt32BigEndian(header[16..]),
        BinaryPrimitives.ReadInt32BigEndian(header[24..]),
        ControlSetup.Parse(header[40..48]));

    /// <summary>Writes the header of the answer: its status is 0 or a negative errno.</summary>
    public void WriteAnswer(Span<byte> header, int status, int length)
    {
        header[..HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt32BigEndian(header, Command + 2);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], Sequence);
        BinaryPrimitives.WriteInt32BigEndian(header[20..], status);
        BinaryPrimitives.WriteInt32BigEndian(header[24..], length);
    }
}
