using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;
using EdgePrune.Onnx;

namespace EdgePrune.Profiler.Sensors.Sysfs;

/// <summary>
/// An attribute of sysfs that is read again and again. The file stays open and each reading is one <c>pread</c> at offset 0, which
/// makes the kernel ask the driver anew (Documentation/filesystems/sysfs.rst, "Reading/Writing Attribute Data"); nothing is
/// allocated. Not through <see cref="FileStream"/>: that would wait for ever on a pipe and throw where a value is merely absent.
/// </summary>
internal sealed unsafe partial class KernelFile : IDisposable
{
    private const int LongestNumber = 64;
    private const int MostDigits = 18;
    private const int LongestText = 4096; // a page is all that sysfs gives
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private int descriptor;

    private KernelFile(string path, int descriptor)
    {
        Path = path;
        this.descriptor = descriptor;
    }

    public string Path { get; }

    public static bool TryOpen(string path, [NotNullWhen(true)] out KernelFile? file, out KernelFault fault)
    {
        file = null;
        if (!OperatingSystem.IsLinux())
        {
            fault = KernelFault.Missing;
            return false;
        }

        // Without blocking: opening a pipe would otherwise wait for somebody who writes.
        int opened = OpenFile(path, ReadOnly | NonBlocking | CloseOnExec);
        if (opened < 0)
        {
            fault = FaultOf(Marshal.GetLastPInvokeError());
            return false;
        }

        fault = KernelFault.None;
        file = new KernelFile(path, opened);
        return true;
    }

    /// <exception cref="SensorException">It is missing or may not be read.</exception>
    public static KernelFile Open(string path) =>
        TryOpen(path, out KernelFile? file, out KernelFault fault) ? file : throw new SensorException(Describe(path, fault));

    /// <summary>What reading a number from a file would end with now.</summary>
    public static KernelFault Probe(string path)
    {
        if (!TryOpen(path, out KernelFile? file, out KernelFault fault))
        {
            return fault;
        }

        using (file)
        {
            _ = file.TryRead(out _, out fault);
            return fault;
        }
    }

    /// <summary>The first line of a small file without blanks at its ends; null where there is none.</summary>
    public static string? Text(string path, out KernelFault fault)
    {
        if (!TryOpen(path, out KernelFile? file, out fault))
        {
            return null;
        }

        using (file)
        {
            Span<byte> buffer = stackalloc byte[LongestText];
            int length = file.Read(buffer, out fault);
            if (fault != KernelFault.None)
            {
                return null;
            }

            string text = Encoding.UTF8.GetString(buffer[..length]);
            int end = text.IndexOf('\n', StringComparison.Ordinal);
            text = (end < 0 ? text : text[..end]).Trim('\0', ' ', '\t', '\r');
            fault = text.Length == 0 ? KernelFault.Empty : KernelFault.None;
            // It goes to terminals and into reports.
            return text.Length == 0 ? null : Printable.Name(text);
        }
    }

    public static string? Text(string path) => Text(path, out _);

    /// <summary>The whole number in a file, or null.</summary>
    public static long? Integer(string path)
    {
        if (!TryOpen(path, out KernelFile? file, out _))
        {
            return null;
        }

        using (file)
        {
            return file.TryRead(out long value, out _) ? value : null;
        }
    }

    /// <summary>Reads the number that the file holds now. Allocates nothing.</summary>
    public bool TryRead(out long value, out KernelFault fault)
    {
        Span<byte> buffer = stackalloc byte[LongestNumber];
        int length = Read(buffer, out fault);
        value = 0;
        if (fault != KernelFault.None)
        {
            return false;
        }

        // A text that fills the buffer may go on behind it.
        bool parsed = length < LongestNumber && TryParse(buffer[..length], out value);
        fault = parsed ? KernelFault.None : KernelFault.NotANumber;
        return parsed;
    }

    /// <exception cref="SensorException">There is no number; the message names the file.</exception>
    public long Read() => TryRead(out long value, out KernelFault fault) ? value : throw new SensorException(Describe(Path, fault));

    public void Dispose()
    {
        if (descriptor >= 0)
        {
            _ = CloseFile(descriptor);
            descriptor = -1;
        }
    }

    /// <summary>The fault in words, with the file's path.</summary>
    public static string Describe(string path, KernelFault fault) => fault switch
    {
        KernelFault.Missing => $"{path} is not there (any more)",
        KernelFault.Denied => $"{path} may not be read by this user",
        KernelFault.NoAnswer => $"{path}: the part does not answer (input/output error); its channel may be disabled or its bus disturbed",
        KernelFault.Gone => $"{path}: the device has gone",
        KernelFault.Busy => $"{path} is busy; another program may be using it",
        KernelFault.Empty => $"{path} is empty",
        KernelFault.NotANumber => $"{path} does not hold one whole number",
        _ => $"{path} cannot be read",
    };

    /// <summary>A decimal number with a line end behind it, as the kernel prints it.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        int at = text.Length > 0 && text[0] == (byte)'-' ? 1 : 0;
        int first = at;
        while (at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9')
        {
            value = (value * 10) + (text[at++] - (byte)'0');
            if (at - first > MostDigits)
            {
                return false;
            }
        }

        if (first == 1)
        {
            value = -value;
        }

        return at > first && text[at..].IndexOfAnyExcept((byte)'\n', (byte)' ') < 0;
    }

    private int Read(Span<byte> buffer, out KernelFault fault)
    {
        ObjectDisposedException.ThrowIf(descriptor < 0, this);
        nint length;
        fixed (byte* start = buffer)
        {
            length = ReadAt(descriptor, start, (nuint)buffer.Length, 0);
        }

        fault = length > 0 ? KernelFault.None : length == 0 ? KernelFault.Empty : FaultOf(Marshal.GetLastPInvokeError());
        return (int)length;
    }

    // Numbers of asm-generic/errno-base.h and errno.h, the same on x86 and Arm.
    private static KernelFault FaultOf(int error) => error switch
    {
        2 or 20 => KernelFault.Missing,
        1 or 13 => KernelFault.Denied,
        5 or 61 or 110 or 121 => KernelFault.NoAnswer,
        6 or 19 => KernelFault.Gone,
        11 or 16 => KernelFault.Busy,
        _ => KernelFault.Other,
    };

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint ReadAt(int file, byte* buffer, nuint count, nint offset);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseFile(int file);
}
