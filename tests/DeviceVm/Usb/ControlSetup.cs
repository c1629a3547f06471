using System.Buffers.Binary;

namespace EdgePrune.DeviceVm.Usb;

/// <summary>Setup packet of a control transfer (USB 2.0, table 9-2).</summary>
internal readonly record struct ControlSetup(byte RequestType, byte Request, ushort Value, ushort Index)
{
    /// <summary>True where the request is the maker's own, false for the standard ones.</summary>
    public bool IsVendor => (RequestType & 0x60) == 0x40;

    public static ControlSetup Parse(ReadOnlySpan<byte> setup) => new(
        setup[0],
        setup[1],
        BinaryPrimitives.ReadUInt16LittleEndian(setup[2..]),
        BinaryPrimitives.ReadUInt16LittleEndian(setup[4..]));
}
