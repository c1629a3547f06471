using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace EdgePrune.Training.Tests.Data;

/// <summary>PNG files of any colour type, depth, filter and interlace from given samples (ISO/IEC 15948).</summary>
internal static class PngWriter
{
    /// <summary>A file whose <paramref name="samples"/> are height × width × samples a pixel, each within the depth, and whose line n of a pass has filter(n).</summary>
    public static byte[] Write(int width, int height, int colour, int depth, int[] samples, Func<int, int> filter, bool interlaced = false, byte[]? palette = null)
    {
        int perPixel = colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        using MemoryStream raw = new();
        (int X, int Y, int Dx, int Dy)[] passes = interlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)];
        foreach ((int x0, int y0, int dx, int dy) in passes)
        {
            byte[]? above = null;
            int line = 0;
            for (int y = y0; y < height; y += dy)
            {
                List<int> values = [];
                for (int x = x0; x < width; x += dx)
                {
                    values.AddRange(samples.Skip(((y * width) + x) * perPixel).Take(perPixel));
                }

                if (values.Count == 0)
                {
                    continue;
                }

                byte[] packed = Pack(values, depth);
                above ??= new byte[packed.Length];
                int kind = filter(line++);
                raw.WriteByte((byte)kind);
                raw.Write(Filter(kind, packed, above, Math.Max(1, perPixel * depth / 8)));
                above = packed;
            }
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)colour, interlaced ? (byte)1 : (byte)0);
        byte[] data = Deflate(raw.ToArray());
        return
        [
            0x89, .. "PNG\r\n\x1a\n"u8,
            .. Chunk("IHDR", header),
            .. Chunk("tEXt", [1, 2, 3]),
            .. palette is null ? [] : Chunk("PLTE", palette),
            .. Chunk("IDAT", data[..(data.Length / 2)]),
            .. Chunk("IDAT", data[(data.Length / 2)..]),
            .. Chunk("IEND", []),
        ];
    }

    public static byte[] Chunk(string type, byte[] content)
    {
        byte[] chunk = new byte[12 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        Encoding.ASCII.GetBytes(type).CopyTo(chunk, 4);
        content.CopyTo(chunk, 8);
        uint crc = 0xffffffff;
        foreach (byte b in chunk.AsSpan(4, content.Length + 4))
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + content.Length), ~crc);
        return chunk;
    }

    private static byte[] Deflate(byte[] raw)
    {
        using MemoryStream stream = new();
        using (ZLibStream zlib = new(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(raw);
        }

        return stream.ToArray();
    }

    private static byte[] Pack(List<int> values, int depth)
    {
        byte[] packed = new byte[((values.Count * depth) + 7) / 8];
        for (int at = 0; at < values.Count; at++)
        {
            if (depth == 16)
            {
                BinaryPrimitives.WriteUInt16BigEndian(packed.AsSpan(2 * at), (ushort)values[at]);
            }
            else
            {
                packed[at * depth / 8] |= (byte)(values[at] << (8 - depth - (at * depth % 8)));
            }
        }

        return packed;
    }

    private static byte[] Filter(int kind, byte[] line, byte[] above, int back)
    {
        byte[] result = new byte[line.Length];
        for (int at = 0; at < line.Length; at++)
        {
            int a = at >= back ? line[at - back] : 0, b = above[at], c = at >= back ? above[at - back] : 0;
            int p = a + b - c;
            int paeth = Math.Abs(p - a) <= Math.Abs(p - b) && Math.Abs(p - a) <= Math.Abs(p - c) ? a : Math.Abs(p - b) <= Math.Abs(p - c) ? b : c;
            result[at] = (byte)(line[at] - kind switch { 1 => a, 2 => b, 3 => (a + b) / 2, 4 => paeth, _ => 0 });
        }

        return result;
    }
}
