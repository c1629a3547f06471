using System.Runtime.InteropServices;

namespace EdgePrune.I2cRig;

/// <summary>struct seccomp_notif_resp: what a system call returns.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Answer
{
    public ulong Id;
    public long Value;
    public int Error;
    public uint Flags;

    private const uint Continue = 1;

    /// <summary>The kernel carries out the call as if there were no filter.</summary>
    public static Answer Pass => new() { Flags = Continue };

    public static Answer Returns(long value) => new() { Value = value };

    /// <summary>The call fails with an error number of Linux.</summary>
    public static Answer Fails(int number) => new() { Error = -number };
}
