using System.Runtime.InteropServices;

namespace EdgePrune.I2cRig;

/// <summary>struct seccomp_notif_addfd: gives the caller a file of ours, and its number as the result of the call.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FileHandOver
{
    public ulong Id;
    public uint Flags;
    public uint Source;
    public uint Target;
    public uint TargetFlags;
}
