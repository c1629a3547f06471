using System.Runtime.InteropServices;

namespace EdgePrune.I2cRig;

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct MemoryRange(void* start, int length)
{
    public readonly void* Start = start;
    public readonly nuint Length = (nuint)length;
}
