using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgePrune.Cli.Tests;

/// <summary>Writes data files for tests: one float array called <c>input</c>, and labels.</summary>
internal static class NpzFile
{
    /// <param name="path">Where it goes.</param>
    /// <param name="shape">Shape of the input, samples first.</param>
    /// <param name="value">Each element.</param>
    /// <param name="labels">One a sample.</param>
    public static string Write(string path, int[] shape, float value, params long[] labels)
    {
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        float[] values = [.. Enumerable.Repeat(value, shape.Aggregate(1, (a, d) => a * d))];
        Array(zip, "input", "<f4", shape, MemoryMarshal.AsBytes<float>(values));
        Array(zip, "labels", "<i8", [labels.Length], MemoryMarshal.AsBytes<long>(labels));
        return path;
    }

    private static void Array(ZipArchive zip, string name, string type, int[] shape, ReadOnlySpan<byte> content)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({string.Join(",", shape)},), }}".PadRight(117) + "\n";
        using Stream stream = zip.CreateEntry(name + ".npy").Open();
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0]);
        stream.Write(Encoding.ASCII.GetBytes(header));
        stream.Write(content);
    }
}
