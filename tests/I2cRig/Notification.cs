using System.Runtime.InteropServices;

namespace EdgePrune.I2cRig;

/// <summary>struct seccomp_notif with the struct seccomp_data in it: a system call that waits for an answer.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Notification
{
    public ulong Id;
    public uint Process;
    public uint Flags;
    public int Number;
    public uint Architecture;
    public ulong InstructionPointer;
    public fixed ulong Arguments[6];
}
