using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>
/// A bus by the kernel's i2c-dev interface (Documentation/i2c/dev-interface): one <c>ioctl(I2C_RDWR)</c> a transfer, which the
/// kernel carries out as a whole. Nothing is allocated unless a transfer fails. For builds without System.Device.I2c.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed unsafe partial class LinuxI2cBus : II2cBus
{
    private const int OpenReadWrite = 2;
    private const int OpenCloseOnExec = 0x80000;
    private const nuint GetFunctions = 0x0705;
    private const nuint ReadWrite = 0x0707;
    private const ulong PlainTransfers = 1;
    private const ushort ReadFlag = 1;
    private const int Interrupted = 4;
    private const int LongestMessage = 8192;

    private readonly SafeFileHandle file;
    private readonly Lock gate = new();

    private LinuxI2cBus(SafeFileHandle file, string name)
    {
        this.file = file;
        Name = name;
    }

    public string Name { get; }

    /// <summary>Opens <c>/dev/i2c-n</c>.</summary>
    /// <param name="folder">Where the device files are.</param>
    /// <exception cref="SensorException">It is not there, may not be opened, or is no adapter for plain I2C transfers.</exception>
    public static LinuxI2cBus Open(int number, string folder = "/dev")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        string path = Path.Combine(folder, $"i2c-{number}");
        int descriptor = OpenFile(path, OpenReadWrite | OpenCloseOnExec);
        if (descriptor < 0)
        {
            throw new SensorException(I2cErrors.CannotOpen(path, Marshal.GetLastPInvokeError()));
        }

        var file = new SafeFileHandle(descriptor, ownsHandle: true);
        // The kernel writes an unsigned long: 32 bits of it on a 32-bit board.
        nuint functions = 0;
        if (Control(file, GetFunctions, &functions) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            file.Dispose();
            throw new SensorException(I2cErrors.CannotOpen(path, error));
        }

        if ((functions & PlainTransfers) == 0)
        {
            file.Dispose();
            throw new SensorException($"{path} is an adapter for SMBus commands only: its sensors must be read through their kernel driver (hwmon)");
        }

        return new LinuxI2cBus(file, $"i2c-{number}");
    }

    public void Write(int address, ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
        {
            Message message = new((ushort)address, 0, Length(data.Length), bytes);
            Transfer(&message, 1);
        }
    }

    public void WriteRead(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        fixed (byte* sent = write)
        fixed (byte* received = read)
        {
            Message* messages = stackalloc Message[2];
            int count = 0;
            if (!write.IsEmpty)
            {
                messages[count++] = new Message((ushort)address, 0, Length(write.Length), sent);
            }

            messages[count++] = new Message((ushort)address, ReadFlag, Length(read.Length), received);
            Transfer(messages, count);
        }
    }

    public void Dispose() => file.Dispose();

    private static ushort Length(int bytes) =>
        bytes is > 0 and <= LongestMessage ? (ushort)bytes : throw new ArgumentOutOfRangeException(nameof(bytes));

    private void Transfer(Message* messages, int count)
    {
        Request request = new(messages, (uint)count);
        int done;
        int error = 0;
        lock (gate)
        {
            do
            {
                done = Control(file, ReadWrite, &request);
                error = done < 0 ? Marshal.GetLastPInvokeError() : 0;
            }
            while (error == Interrupted);
        }

        if (done != count)
        {
            // Fewer messages than asked for is how some adapters say that the part stopped answering.
            throw new I2cTransferException(done < 0 ? error : I2cErrors.InputOutput);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle file, nuint request, void* argument);

    /// <summary>struct i2c_msg of linux/i2c.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Message(ushort address, ushort flags, ushort length, byte* bytes)
    {
        public readonly ushort Address = address;
        public readonly ushort Flags = flags;
        public readonly ushort Length = length;
        public readonly byte* Bytes = bytes;
    }

    /// <summary>struct i2c_rdwr_ioctl_data of linux/i2c-dev.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Request(Message* messages, uint count)
    {
        public readonly Message* Messages = messages;
        public readonly uint Count = count;
    }
}
