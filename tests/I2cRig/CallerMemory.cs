using System.Text;

namespace EdgePrune.I2cRig;

/// <summary>Memory of the process whose system call is being answered: its pointers are not ours, and may point anywhere.</summary>
internal readonly unsafe struct CallerMemory(uint process)
{
    private const int Page = 4096;

    public bool TryRead(ulong address, Span<byte> to)
    {
        fixed (byte* bytes = to)
        {
            MemoryRange local = new(bytes, to.Length);
            MemoryRange remote = new((void*)address, to.Length);
            return SystemCalls.ReadMemory((int)process, &local, 1, &remote, 1, 0) == to.Length;
        }
    }

    public bool TryWrite(ulong address, ReadOnlySpan<byte> from)
    {
        fixed (byte* bytes = from)
        {
            MemoryRange local = new(bytes, from.Length);
            MemoryRange remote = new((void*)address, from.Length);
            return SystemCalls.WriteMemory((int)process, &local, 1, &remote, 1, 0) == from.Length;
        }
    }

    /// <summary>A string that ends with a zero byte. It is read page by page, because the next page need not exist.</summary>
    public bool TryReadText(ulong address, out string text)
    {
        text = "";
        Span<byte> bytes = stackalloc byte[256];
        int count = 0;
        while (count < bytes.Length)
        {
            int part = (int)Math.Min((ulong)(bytes.Length - count), Page - ((address + (ulong)count) % Page));
            if (!TryRead(address + (ulong)count, bytes.Slice(count, part)))
            {
                return false;
            }

            count += part;
            int end = bytes[..count].IndexOf((byte)0);
            if (end >= 0)
            {
                text = Encoding.UTF8.GetString(bytes[..end]);
                return true;
            }
        }

        return false;
    }
}
