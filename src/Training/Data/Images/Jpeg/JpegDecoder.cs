using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Images.Jpeg;

/// <summary>
/// JPEG (ITU-T T.81): baseline, extended and progressive with Huffman coding, 8 bits, gray, YCbCr or RGB. Agrees with
/// libjpeg-turbo's default decoder pixel by pixel on the files of the tests. EXIF orientation is not applied.
/// </summary>
internal sealed class JpegDecoder
{
    /// <summary>An image has tens of scans at most; each costs a pass over all blocks, however few bytes it has.</summary>
    private const int MaxScans = 100;

    private readonly byte[] bytes;
    private readonly string path;
    private readonly ushort[]?[] quantisation = new ushort[]?[4];
    private readonly HuffmanTable?[] dc = new HuffmanTable?[4];
    private readonly HuffmanTable?[] ac = new HuffmanTable?[4];
    private JpegFrame? frame;
    private int restartInterval;
    private int? adobeTransform;
    private bool jfif;
    private int scans;
    private int at = 2;

    private JpegDecoder(byte[] bytes, string path)
    {
        this.bytes = bytes;
        this.path = path;
    }

    public static Image Decode(byte[] bytes, string path)
    {
        JpegDecoder decoder = new(bytes, path);
        decoder.ReadSegments();
        return decoder.Render();
    }

    private void ReadSegments()
    {
        while (true)
        {
            byte marker = NextMarker();
            if (marker == 0xd9)
            {
                return;
            }

            // Segments without content: TEM, and restart markers that nothing asked for.
            if (marker is 0x01 or (>= 0xd0 and <= 0xd7))
            {
                continue;
            }

            ReadOnlySpan<byte> segment = NextSegment(marker);
            switch (marker)
            {
                case 0xc0 or 0xc1 or 0xc2:
                    frame = frame is null ? new JpegFrame(segment, progressive: marker == 0xc2, path) : throw Bad("it has two frames");
                    break;
                case 0xc4:
                    ReadHuffman(segment);
                    break;
                case 0xda:
                    ReadScan(segment);
                    break;
                case 0xdb:
                    ReadQuantisation(segment);
                    break;
                case 0xdd:
                    restartInterval = segment.Length == 2 ? (segment[0] << 8) | segment[1] : throw Bad("its restart interval has the wrong length");
                    break;
                case 0xe0:
                    jfif |= segment.StartsWith("JFIF\0"u8);
                    break;
                case 0xee:
                    adobeTransform = segment.Length >= 12 && segment.StartsWith("Adobe"u8) ? segment[11] : adobeTransform;
                    break;
                case >= 0xc3 and <= 0xcf:
                    throw Bad($"its coding (marker FF{marker:X2}: lossless, hierarchical or arithmetic) is not supported; expected baseline or progressive with Huffman codes");
                case 0xdc:
                    throw Bad("it gives its height after the image data (DNL), which is not supported");
            }
        }
    }

    private byte NextMarker()
    {
        // Fill bytes may stand before a marker; between scans, data that nothing decoded may be left over.
        while (at + 1 < bytes.Length && (bytes[at] != 0xff || bytes[at + 1] is 0 or 0xff))
        {
            at++;
        }

        if (at + 1 >= bytes.Length)
        {
            throw Bad("it ends before its end marker; the file is truncated");
        }

        at += 2;
        return bytes[at - 1];
    }

    private ReadOnlySpan<byte> NextSegment(byte marker)
    {
        int length = at + 2 <= bytes.Length ? (bytes[at] << 8) | bytes[at + 1] : 0;
        if (length < 2 || at + length > bytes.Length)
        {
            throw Bad($"segment FF{marker:X2} runs past the end of the file; it is truncated or damaged");
        }

        at += length;
        return bytes.AsSpan(at - length + 2, length - 2);
    }

    private void ReadQuantisation(ReadOnlySpan<byte> segment)
    {
        while (segment.Length > 0)
        {
            int wide = segment[0] >> 4, number = segment[0] & 15;
            int size = 1 + (64 * (wide + 1));
            if (wide > 1 || number > 3 || segment.Length < size)
            {
                throw Bad("a quantisation table is damaged");
            }

            ushort[] table = new ushort[64];
            for (int n = 0; n < 64; n++)
            {
                table[Zigzag.Natural[n]] = wide == 0 ? segment[1 + n] : (ushort)((segment[1 + (2 * n)] << 8) | segment[2 + (2 * n)]);
            }

            quantisation[number] = table;
            segment = segment[size..];
        }
    }

    private void ReadHuffman(ReadOnlySpan<byte> segment)
    {
        while (segment.Length > 0)
        {
            int kind = segment[0] >> 4, number = segment[0] & 15;
            int symbols = 0;
            for (int length = 1; length <= 16 && segment.Length >= 17; length++)
            {
                symbols += segment[length];
            }

            if (kind > 1 || number > 3 || symbols > 256 || segment.Length < 17 + symbols
                || HuffmanTable.TryCreate(segment.Slice(1, 16), segment.Slice(17, symbols)) is not { } table)
            {
                throw Bad("a Huffman table is damaged");
            }

            (kind == 0 ? dc : ac)[number] = table;
            segment = segment[(17 + symbols)..];
        }
    }

    private void ReadScan(ReadOnlySpan<byte> segment)
    {
        if (frame is null)
        {
            throw Bad("image data come before the frame header");
        }

        if (++scans > MaxScans)
        {
            throw Bad($"more than {MaxScans} scans");
        }

        int count = segment.Length > 0 ? segment[0] : 0;
        if (count is < 1 or > 3 || segment.Length != 4 + (2 * count))
        {
            throw Bad("a scan header is damaged");
        }

        List<JpegComponent> chosen = [];
        for (int n = 0; n < count; n++)
        {
            (byte id, byte tables) = (segment[1 + (2 * n)], segment[2 + (2 * n)]);
            JpegComponent component = frame.Components.FirstOrDefault(each => each.Id == id && !chosen.Contains(each)) ?? throw Bad($"a scan names component {id}, which the frame lacks or the scan has twice");
            (component.DcTable, component.AcTable) = (Math.Min(tables >> 4, 3), Math.Min(tables & 15, 3));
            chosen.Add(component);
        }

        ReadOnlySpan<byte> rest = segment[(1 + (2 * count))..];
        (int start, int end, int high, int low) = (rest[0], rest[1], rest[2] >> 4, rest[2] & 15);
        bool sound = !frame.Progressive
            || (start <= end && end < 64 && low < 14 && (high == 0 || high == low + 1) && (start == 0 ? end == 0 : count == 1));
        if (!sound)
        {
            throw Bad($"a scan of coefficients {start} to {end}, bits {high} to {low}, is not allowed");
        }

        JpegBits bits = new(bytes, at, path);
        JpegScan scan = new(frame, chosen, bits, path)
        {
            Dc = dc,
            Ac = ac,
            Band = (start, end),
            Approximation = frame.Progressive ? (high, low) : (0, 0),
            RestartInterval = restartInterval,
        };
        scan.Decode();
        at = bits.Position;
    }

    private Image Render()
    {
        if (frame is null || scans == 0)
        {
            throw Bad("it holds no image");
        }

        if (frame.Components.Any(component => quantisation[component.Table] is null))
        {
            throw Bad("it uses a quantisation table that it does not define");
        }

        // Adobe's marker decides; without it, and without JFIF's, components called R, G, B are what they say.
        bool named = frame.Components.Select(component => component.Id).SequenceEqual("RGB"u8.ToArray());
        bool isRgb = adobeTransform is { } transform ? transform == 0 : !jfif && named;
        return JpegPixels.Render(frame, quantisation, isRgb);
    }

    private InputException Bad(string why) => new($"{path}: the JPEG cannot be read: {why}");
}
