using System.Buffers.Binary;

namespace EdgePrune.I2cRig;

/// <summary>struct i2c_msg of a 64-bit caller.</summary>
/// <param name="Bytes">Address in the caller's memory.</param>
internal readonly record struct I2cMessage(ushort Address, bool IsRead, ushort Length, ulong Bytes)
{
    public const int Size = 16;

    public static I2cMessage Parse(ReadOnlySpan<byte> message) => new(
        BinaryPrimitives.ReadUInt16LittleEndian(message),
        (BinaryPrimitives.ReadUInt16LittleEndian(message[2..]) & 1) != 0,
        BinaryPrimitives.ReadUInt16LittleEndian(message[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(message[8..]));
}
