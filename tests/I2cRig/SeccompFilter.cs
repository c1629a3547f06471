using System.Runtime.InteropServices;

namespace EdgePrune.I2cRig;

/// <summary>
/// A seccomp filter that stops the system calls of this process which may concern an I2C bus until someone answers them. It holds
/// for all threads, is inherited by child processes, and cannot be removed.
/// </summary>
internal static unsafe class SeccompFilter
{
    private const uint Allow = 0x7fff0000;
    private const uint Notify = 0x7fc00000;
    private const int SetModeFilter = 1;
    private const int ThreadSync = 1;
    private const int NewListener = 1 << 3;
    private const int ThreadSyncTellsEsrch = 1 << 4;

    // Offsets in struct seccomp_data; of the arguments their lower halves.
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint SecondArgument = 24;
    private const uint ThirdArgument = 32;

    private const uint AccessMode = 3;
    private const uint ReadWrite = 2;

    /// <summary>Installs it.</summary>
    /// <returns>The file from which the stopped calls are read, or a negative error number.</returns>
    public static int Install()
    {
        BpfInstruction[] program =
        [
            BpfInstruction.Load(ArchitectureOffset),
            BpfInstruction.IfEqual(SystemCalls.AuditArchitecture, 0, 10),
            BpfInstruction.Load(NumberOffset),
            BpfInstruction.IfEqual((uint)SystemCalls.Ioctl, 0, 3),
            BpfInstruction.Load(SecondArgument),
            BpfInstruction.IfAtLeast(I2cRequests.First, 0, 6),
            BpfInstruction.IfAbove(I2cRequests.Last, 5, 4),
            BpfInstruction.IfEqual((uint)SystemCalls.OpenAt, 0, 4),
            BpfInstruction.Load(ThirdArgument),
            BpfInstruction.And(AccessMode),
            BpfInstruction.IfEqual(ReadWrite, 0, 1),
            BpfInstruction.Return(Notify),
            BpfInstruction.Return(Allow),
        ];
        if (SystemCalls.ProcessControl(SystemCalls.SetNoNewPrivileges, 1, 0, 0, 0) != 0)
        {
            return -Marshal.GetLastPInvokeError();
        }

        fixed (BpfInstruction* instructions = program)
        {
            Program header = new((ushort)program.Length, instructions);
            nint listener = SystemCalls.Call(
                SystemCalls.Seccomp, SetModeFilter, ThreadSync | NewListener | ThreadSyncTellsEsrch, &header);
            return listener < 0 ? -Marshal.GetLastPInvokeError() : (int)listener;
        }
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Program(ushort length, BpfInstruction* instructions)
    {
        public readonly ushort Length = length;
        public readonly BpfInstruction* Instructions = instructions;
    }
}
