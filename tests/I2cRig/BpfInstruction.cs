using System.Runtime.InteropServices;

namespace EdgePrune.I2cRig;

/// <summary>struct sock_filter: an instruction of a seccomp filter. Jumps count from the next instruction.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BpfInstruction(ushort code, byte whenTrue, byte whenFalse, uint operand)
{
    public readonly ushort Code = code;
    public readonly byte WhenTrue = whenTrue;
    public readonly byte WhenFalse = whenFalse;
    public readonly uint Operand = operand;

    public static BpfInstruction Load(uint offset) => new(0x20, 0, 0, offset);

    public static BpfInstruction And(uint mask) => new(0x54, 0, 0, mask);

    public static BpfInstruction IfEqual(uint value, byte then, byte otherwise) => new(0x15, then, otherwise, value);

    public static BpfInstruction IfAtLeast(uint value, byte then, byte otherwise) => new(0x35, then, otherwise, value);

    public static BpfInstruction IfAbove(uint value, byte then, byte otherwise) => new(0x25, then, otherwise, value);

    public static BpfInstruction Return(uint action) => new(0x06, 0, 0, action);
}
