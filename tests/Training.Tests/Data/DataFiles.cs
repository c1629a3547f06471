using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgePrune.Training.Tests.Data;

/// <summary>Small writers of the formats under test, written from their specifications and not from the readers.</summary>
internal static class DataFiles
{
    public static byte[] Npy(string descr, string shape, ReadOnlySpan<byte> data, bool fortran = false, byte version = 1) =>
        NpyWithHeader($"{{'descr': '{descr}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}", data, version);

    public static byte[] NpyWithHeader(string header, ReadOnlySpan<byte> data, byte version = 1)
    {
        byte[] text = Encoding.UTF8.GetBytes(header + "\n");
        byte[] length = new byte[version == 1 ? 2 : 4];
        if (version == 1)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)text.Length);
        }

        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. data];
    }

    public static byte[] NpyOf<T>(string descr, string shape, params T[] values)
        where T : unmanaged => Npy(descr, shape, MemoryMarshal.AsBytes(values.AsSpan()));

    public static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using MemoryStream stream = new();
        using (ZipArchive archive = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }

    public static byte[] GZip(byte[] content)
    {
        using MemoryStream stream = new();
        using (GZipStream gzip = new(stream, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return stream.ToArray();
    }

    public static byte[] Idx(byte type, int[] shape, byte[] data)
    {
        List<byte> bytes = [0, 0, type, (byte)shape.Length];
        foreach (int dim in shape)
        {
            byte[] field = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(field, dim);
            bytes.AddRange(field);
        }

        return [.. bytes, .. data];
    }

    /// <summary>Three samples of four float32 features, and labels 0, 1, 2.</summary>
    public static byte[] SmallNpz(string inputName = "input", string labelsName = "labels") => Zip(
        (inputName + ".npy", NpyOf("<f4", "(3, 4)", [.. Enumerable.Range(0, 12).Select(n => (float)n)])),
        (labelsName + ".npy", NpyOf("<i8", "(3,)", 0L, 1L, 2L)));

    public static byte[] Ppm(int width, int height, params byte[] pixels) => [.. Encoding.ASCII.GetBytes($"P6 {width} {height} 255\n"), .. pixels];

    /// <summary>Writes a file below the folder, making its subfolders; returns its path.</summary>
    public static string Write(TestSupport.TempFolder folder, string name, byte[] content)
    {
        string path = folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public static string Write(TestSupport.TempFolder folder, string name, string content) => Write(folder, name, Encoding.UTF8.GetBytes(content));
}
