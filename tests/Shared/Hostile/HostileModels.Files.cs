using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;

namespace EdgePrune.TestSupport.Hostile;

/// <summary>Files that are no model, and models whose wire form is broken.</summary>
internal static partial class HostileModels
{
    private static IEnumerable<HostileModel> Files()
    {
        yield return new("file missing", folder => Path.Combine(folder, "none.onnx"), "does not exist");
        yield return new("file in a missing folder", folder => Path.Combine(folder, "none", "none.onnx"), "does not exist");
        yield return new("file below a file", folder => Path.Combine(Put(folder, "a", [1]), "model.onnx"), "does not exist");
        yield return new("file name too long", folder => Path.Combine(folder, new string('n', 300)), "does not exist");
        yield return new("folder", folder => folder, "is a folder");
        yield return Bytes("empty file", "is empty", () => []);
        yield return Bytes("one zero byte", NotAModel, () => [0]);
        yield return Bytes("text", NotAModel, () => Encoding.UTF8.GetBytes("This is not a model. It is a text with several sentences."));
        yield return Bytes("JSON", NotAModel, () => Encoding.UTF8.GetBytes("{\"ir_version\": 8, \"graph\": {}}"));
        yield return Bytes("HTML error page", NotAModel, () => Encoding.UTF8.GetBytes("<!DOCTYPE html><html><body>404</body></html>"));
        yield return Bytes("Git LFS pointer", NotAModel, () => Encoding.UTF8.GetBytes("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"));
        yield return Bytes("PNG", NotAModel, () => [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
        yield return Bytes("zip", NotAModel, () => [0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0]);
        yield return Bytes("gzip of a sound model", NotAModel, () =>
        {
            using var packed = new MemoryStream();
            using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            {
                gzip.Write(Sound().ToByteArray());
            }

            return packed.ToArray();
        });
        yield return Bytes("a megabyte of zeros", NotAModel, () => new byte[1 << 20]);
        yield return Bytes("a megabyte of ones", NotAModel, () => [.. Enumerable.Repeat((byte)0xff, 1 << 20)]);
        foreach (int seed in Enumerable.Range(1, 5))
        {
            yield return Bytes($"random bytes {seed}", "", () =>
            {
                byte[] bytes = new byte[4096];
                new Random(seed).NextBytes(bytes);
                return bytes;
            });
        }

        foreach (int part in Enumerable.Range(1, 19))
        {
            yield return Bytes($"cut off after {part * 5} %", "", () => Sound().ToByteArray() is var bytes ? bytes[..(bytes.Length * part / 20)] : []);
        }

        yield return Bytes("last byte missing", "", () => Sound().ToByteArray()[..^1]);
        yield return Bytes("first byte missing", "", () => Sound().ToByteArray()[1..]);
        if (OperatingSystem.IsLinux())
        {
            yield return new("FIFO", folder => Fifo(folder, "model.onnx"), "no ordinary file");
            yield return new("device without end", _ => "/dev/zero", "no ordinary file");
            yield return new("link to itself", folder => Link(folder, "model.onnx", "model.onnx"), "model.onnx");
        }
    }

    private static IEnumerable<HostileModel> Wire()
    {
        byte[] sound = Sound().ToByteArray();
        yield return Bytes("length beyond the end", NotAModel, () => [8, 8, 0x3a, 0x7f, 1, 2, 3]);
        yield return Bytes("length of 2^63", NotAModel, () => [8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
        yield return Bytes("length of -1", NotAModel, () => [8, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
        yield return Bytes("number that never ends", NotAModel, () => [8, .. Enumerable.Repeat((byte)0x80, 40)]);
        yield return Bytes("field number 0", NotAModel, () => [.. sound, 0x02, 1, 0]);
        yield return Bytes("group that opens", NotAModel, () => [.. sound, 0x3b]);
        yield return Bytes("group that closes", NotAModel, () => [.. sound, 0x3c]);
        yield return Bytes("wire type 6", NotAModel, () => [.. sound, 0x3e]);
        yield return Bytes("wire type 7", NotAModel, () => [.. sound, 0x3f]);
        yield return Bytes("tag of more than 32 bits", NotAModel, () => [.. sound, 0xba, 0x80, 0x80, 0x80, 0x80, 0x08, 2, 1, 2]);
        yield return Bytes("fixed field cut off", NotAModel, () => [.. sound, 0xf9, 0x3f, 1, 2, 3]);
        yield return Bytes("graph with wire type 0", "no graph", () => [8, 8, 0x38, 1, 0x42, 2, 0x10, 17]);
        yield return Bytes("name that is not UTF-8", "not UTF-8", () => Field(7, Field(1, [.. Field(1, [0xff, 0xfe]), .. Field(4, "Relu"u8)])));
        yield return Bytes("millions of empty nodes", "nodes", () => Field(7, Repeat([0x0a, 0], 3_000_000)));
        yield return Bytes("millions of empty texts", "parts", () => Field(7, Field(1, Repeat([0x0a, 0], 6_000_000))));
        yield return Bytes("millions of empty tensors", "parts", () => Field(7, Repeat([0x2a, 0], 6_000_000)));
        yield return Bytes("millions of empty shardings", "parts", () => Field(7, Field(1, Field(10, Repeat([0x12, 0], 6_000_000)))));
        yield return Bytes("millions of unknown fields", "parts", () => Field(7, Repeat([0xf8, 0x3f, 0], 6_000_000)));
        yield return Bytes("packed numbers that grow eightfold", "values take more than", () => Field(7, Field(5, Field(7, new byte[270_000_000]))));
        yield return Bytes("packed floats cut off", NotAModel, () => Field(7, Field(5, [.. Field(4, [1, 2, 3]), 8, 1])));
        yield return Bytes("graphs 60 deep", "deep", () => Deep(60, inner => Field(1, Field(5, Field(6, inner))), 7));
        yield return Bytes("graphs 20,000 deep", "deep", () => Deep(20_000, inner => Field(1, Field(5, Field(6, inner))), 7));
        yield return Bytes("types 1,000 deep", "deep", () => Field(7, Field(11, Deep(1_000, inner => Field(4, Field(1, inner)), 2))));
        yield return Bytes("map types 1,000 deep", "deep", () => Field(7, Field(11, Deep(1_000, inner => Field(5, Field(2, inner)), 2))));
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> content)
    {
        using var stream = new MemoryStream();
        using var coded = new CodedOutputStream(stream, leaveOpen: true);
        coded.WriteTag(number, WireFormat.WireType.LengthDelimited);
        coded.WriteLength(content.Length);
        coded.Flush();
        stream.Write(content);
        return stream.ToArray();
    }

    private static byte[] Repeat(ReadOnlySpan<byte> unit, int times)
    {
        byte[] all = new byte[unit.Length * times];
        for (int i = 0; i < times; i++)
        {
            unit.CopyTo(all.AsSpan(i * unit.Length));
        }

        return all;
    }

    private static byte[] Deep(int times, Func<byte[], byte[]> wrap, int field)
    {
        byte[] inner = [];
        for (int i = 0; i < times; i++)
        {
            inner = wrap(inner);
        }

        return Field(field, inner);
    }

    private static string Fifo(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return MakeFifo(path, 0x180) == 0 ? path : throw new IOException($"no FIFO at {path}");
    }

    private static string Link(string folder, string name, string target)
    {
        string path = Path.Combine(folder, name);
        File.CreateSymbolicLink(path, target);
        return path;
    }

    private static void HardLink(string from, string to)
    {
        if (MakeLink(from, to) != 0)
        {
            throw new IOException($"no hard link at {to}");
        }
    }

    [DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakeFifo(string path, uint mode);

    [DllImport("libc", EntryPoint = "link", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakeLink(string from, string to);
}
