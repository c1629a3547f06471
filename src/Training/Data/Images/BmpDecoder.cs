using System.Buffers.Binary;
using System.Numerics;
using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Images;

/// <summary>Windows bitmaps without compression: 1, 4 and 8 bits with a palette, 16, 24 and 32 bits, either row order.</summary>
internal sealed class BmpDecoder
{
    private const int Rgb = 0, BitFields = 3, AlphaBitFields = 6;

    private readonly byte[] bytes;
    private readonly string path;

    private BmpDecoder(byte[] bytes, string path)
    {
        this.bytes = bytes;
        this.path = path;
    }

    public static Image Decode(byte[] bytes, string path) => new BmpDecoder(bytes, path).Decode();

    private Image Decode()
    {
        int headerSize = (int)Math.Min(U32(14), int.MaxValue);
        if (headerSize is < 40 or > 124)
        {
            throw Bad($"a header of {headerSize} bytes is not supported; expected BITMAPINFOHEADER or later (40 to 124)");
        }

        int width = (int)U32(18), signedHeight = (int)U32(22), bits = U16(28), compression = (int)U32(30);
        bool topDown = signedHeight < 0;
        long tall = Math.Abs((long)signedHeight);
        ImageFile.RequireSize(width, tall, path);
        int height = (int)tall;
        bool supported = (compression == Rgb && bits is 1 or 4 or 8 or 16 or 24 or 32) || (compression is BitFields or AlphaBitFields && bits is 16 or 32);
        if (!supported)
        {
            throw Bad($"compression {compression} with {bits} bits is not supported; expected an uncompressed bitmap");
        }

        uint[] masks = compression == Rgb
            ? bits == 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0x00ff00, 0x0000ff]
            : [U32(54), U32(58), U32(62)];
        if (bits is 16 or 32 && masks.Any(mask => mask == 0))
        {
            throw Bad("a colour has no bits");
        }

        long offset = U32(10);
        long stride = ((((long)width * bits) + 31) / 32) * 4;
        if (offset < 14 + headerSize || offset + (stride * height) > bytes.Length)
        {
            throw Bad($"{width} x {height} pixels of {bits} bits do not fit into {bytes.Length:N0} bytes; the file is truncated");
        }

        byte[] pixels = new byte[width * height * 3];
        for (int y = 0; y < height; y++)
        {
            long row = offset + (stride * (topDown ? y : height - 1 - y));
            for (int x = 0; x < width; x++)
            {
                WritePixel(row, x, bits, masks, 14 + headerSize, offset, pixels.AsSpan(((y * width) + x) * 3, 3));
            }
        }

        return new Image(width, height, 3, pixels);
    }

    private void WritePixel(long row, int x, int bits, uint[] masks, int palette, long paletteEnd, Span<byte> rgb)
    {
        switch (bits)
        {
            case <= 8:
                long bit = (long)x * bits;
                int index = (bytes[row + (bit >> 3)] >> (int)(8 - bits - (bit & 7))) & ((1 << bits) - 1);
                long entry = palette + (4L * index);
                if (entry + 4 > paletteEnd)
                {
                    throw Bad($"a pixel names colour {index}, which the palette lacks");
                }

                (rgb[0], rgb[1], rgb[2]) = (bytes[entry + 2], bytes[entry + 1], bytes[entry]);
                break;
            case 24:
                long at = row + (3L * x);
                (rgb[0], rgb[1], rgb[2]) = (bytes[at + 2], bytes[at + 1], bytes[at]);
                break;
            default:
                uint value = bits == 16 ? (uint)U16(row + (2L * x)) : U32(row + (4L * x));
                for (int channel = 0; channel < 3; channel++)
                {
                    int shift = BitOperations.TrailingZeroCount(masks[channel]);
                    ulong top = masks[channel] >> shift;
                    rgb[channel] = (byte)((((value & masks[channel]) >> shift) * 255UL) / top);
                }

                break;
        }
    }

    private int U16(long at) => at + 2 <= bytes.Length ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan((int)at)) : throw Bad("its header is truncated");

    private uint U32(long at) => at + 4 <= bytes.Length ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)at)) : throw Bad("its header is truncated");

    private InputException Bad(string why) => new($"{path}: the BMP image cannot be read: {why}");
}
