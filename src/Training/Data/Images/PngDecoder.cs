using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using EdgePrune.Onnx;
using EdgePrune.Training.Data.Formats;

namespace EdgePrune.Training.Data.Images;

/// <summary>
/// PNG (ISO/IEC 15948): every colour type and bit depth, interlaced or not. 16-bit samples keep their high byte,
/// alpha is dropped, colour profiles and gamma are not applied.
/// </summary>
internal sealed class PngDecoder
{
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private readonly string path;
    private readonly ArrayBufferWriter<byte> data = new();
    private int width;
    private int height;
    private int depth;
    private int colour;
    private bool interlaced;
    private byte[]? palette;

    private PngDecoder(string path) => this.path = path;

    private int Samples => colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    private int BitsPerPixel => Samples * depth;

    public static Image Decode(byte[] bytes, string path)
    {
        PngDecoder decoder = new(path);
        decoder.ReadChunks(bytes);
        return decoder.ReadPixels();
    }

    private void ReadChunks(byte[] bytes)
    {
        if (!bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]))
        {
            throw Bad("its signature is damaged");
        }

        int at = 8;
        while (true)
        {
            if (bytes.Length - at < 12)
            {
                throw Bad("it ends before its end marker; the file is truncated");
            }

            uint length = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));
            if (length > bytes.Length - at - 12)
            {
                throw Bad($"a chunk of {length:N0} bytes runs past the end of the file; it is truncated or damaged");
            }

            ReadOnlySpan<byte> named = bytes.AsSpan(at + 4, (int)length + 4);
            string type = System.Text.Encoding.ASCII.GetString(named[..4]);
            if (Crc32.Append(0, named) != BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at + 8 + (int)length)))
            {
                throw Bad($"the checksum of chunk {type} does not match; the file is damaged");
            }

            if ((type == "IHDR") != (width == 0))
            {
                throw Bad(width == 0 ? $"it starts with chunk {type}; expected IHDR" : "it has two headers");
            }

            if (type == "IEND")
            {
                return;
            }

            ReadChunk(type, named[4..]);
            at += (int)length + 12;
        }
    }

    private void ReadChunk(string type, ReadOnlySpan<byte> content)
    {
        switch (type)
        {
            case "IHDR":
                ReadHeader(content);
                break;
            case "PLTE":
                palette = content.Length is > 0 and <= 768 && content.Length % 3 == 0 ? content.ToArray() : throw Bad($"a palette of {content.Length} bytes; expected 1 to 256 colours of 3");
                break;
            case "IDAT":
                data.Write(content);
                break;
            default:
                // A capital first letter marks a chunk without which the image cannot be understood.
                if (char.IsAsciiLetterUpper(type[0]))
                {
                    throw Bad($"chunk {type} is not known");
                }

                break;
        }
    }

    private void ReadHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length != 13)
        {
            throw Bad($"a header of {header.Length} bytes; expected 13");
        }

        uint w = BinaryPrimitives.ReadUInt32BigEndian(header), h = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        ImageFile.RequireSize(w, h, path);
        (width, height, depth, colour) = ((int)w, (int)h, header[8], header[9]);
        bool known = (colour, depth) is (0, 1 or 2 or 4 or 8 or 16) or (3, 1 or 2 or 4 or 8) or (2 or 4 or 6, 8 or 16);
        if (!known || header[10] != 0 || header[11] != 0 || header[12] > 1)
        {
            throw Bad($"colour type {colour} with {depth} bits, compression {header[10]}, filter {header[11]}, interlace {header[12]} is no combination that PNG allows");
        }

        interlaced = header[12] == 1;
    }

    private Image ReadPixels()
    {
        if (colour == 3 && palette is null)
        {
            throw Bad("it has a palette type but no palette");
        }

        using ZLibStream inflated = new(new MemoryStream(data.WrittenSpan.ToArray()), CompressionMode.Decompress);
        Image image = new(width, height, colour is 0 or 4 ? 1 : 3, new byte[width * height * (colour is 0 or 4 ? 1 : 3)]);
        foreach ((int x, int y, int stepX, int stepY) in interlaced ? Adam7 : [(0, 0, 1, 1)])
        {
            int columns = (width - x + stepX - 1) / stepX, rows = (height - y + stepY - 1) / stepY;
            if (columns > 0 && rows > 0)
            {
                ReadPass(inflated, image, (x, y, stepX, stepY), columns, rows);
            }
        }

        return image;
    }

    private void ReadPass(Stream inflated, Image image, (int X, int Y, int StepX, int StepY) pass, int columns, int rows)
    {
        int stride = (int)((((long)columns * BitsPerPixel) + 7) / 8);
        int back = Math.Max(1, BitsPerPixel / 8);
        byte[] previous = new byte[stride], line = new byte[stride + 1];
        for (int row = 0; row < rows; row++)
        {
            ReadLine(inflated, line);
            Span<byte> content = line.AsSpan(1);
            if (!PngFilter.TryUndo(line[0], content, previous, back))
            {
                throw Bad($"line {row} has filter {line[0]}; expected 0 to 4");
            }

            for (int column = 0; column < columns; column++)
            {
                int target = ((pass.Y + (row * pass.StepY)) * width) + pass.X + (column * pass.StepX);
                WritePixel(content, column, image.Pixels.AsSpan(target * image.Channels, image.Channels));
            }

            content.CopyTo(previous);
        }
    }

    private void ReadLine(Stream inflated, byte[] line)
    {
        try
        {
            inflated.ReadExactly(line);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new InputException($"{path}: the PNG's compressed data are damaged or end early", error);
        }
    }

    private void WritePixel(ReadOnlySpan<byte> line, int column, Span<byte> target)
    {
        if (depth < 8)
        {
            int bit = column * depth;
            int value = (line[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
            if (colour == 3)
            {
                Look(value, target);
            }
            else
            {
                target[0] = (byte)(value * 255 / ((1 << depth) - 1));
            }

            return;
        }

        int bytes = depth / 8;
        int start = column * Samples * bytes;
        if (colour == 3)
        {
            Look(line[start], target);
            return;
        }

        for (int channel = 0; channel < target.Length; channel++)
        {
            target[channel] = line[start + (channel * bytes)];
        }
    }

    private void Look(int index, Span<byte> target)
    {
        if (index * 3 >= palette!.Length)
        {
            throw Bad($"a pixel names colour {index}; the palette has {palette.Length / 3}");
        }

        palette.AsSpan(index * 3, 3).CopyTo(target);
    }

    private InputException Bad(string why) => new($"{path}: the PNG cannot be read: {why}");
}
