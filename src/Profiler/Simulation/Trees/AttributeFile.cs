using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgePrune.Profiler.Simulation.Trees;

/// <summary>
/// A file with one number, as sysfs shows it. It is rewritten in place and has a fixed length: who holds it open sees the new value
/// with the next reading, as of a real attribute, and never a mixture of two lengths. Line ends fill the rest.
/// </summary>
internal sealed class AttributeFile : IDisposable
{
    private const int Length = 24;
    private readonly SafeFileHandle file;
    private long? last;

    public AttributeFile(string path) =>
        file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);

    public void Write(long value)
    {
        if (value == last)
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[Length];
        bytes.Fill((byte)'\n');
        _ = value.TryFormat(bytes, out _, provider: CultureInfo.InvariantCulture);
        RandomAccess.Write(file, bytes, 0);
        last = value;
    }

    public void Dispose() => file.Dispose();

    /// <summary>Writes an attribute that never changes.</summary>
    public static void WriteOnce(string path, string text) => File.WriteAllText(path, text + "\n", new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
}
