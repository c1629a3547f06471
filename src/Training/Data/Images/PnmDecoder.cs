using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Images;

/// <summary>Netpbm gray and colour, text or binary (P2, P3, P5, P6), maxima up to 65535, scaled to 8 bits.</summary>
internal sealed class PnmDecoder
{
    private readonly byte[] bytes;
    private readonly string path;
    private int at = 2;

    private PnmDecoder(byte[] bytes, string path)
    {
        this.bytes = bytes;
        this.path = path;
    }

    public static Image Decode(byte[] bytes, string path) => new PnmDecoder(bytes, path).Decode();

    private Image Decode()
    {
        int kind = bytes[1] - '0';
        if (kind is not (2 or 3 or 5 or 6))
        {
            throw Bad($"type P{kind} is not supported; expected P2 or P5 (gray), P3 or P6 (colour)");
        }

        int width = Number(), height = Number(), maximum = Number();
        ImageFile.RequireSize(width, height, path);
        if (maximum is 0 or > 65_535)
        {
            throw Bad($"a maximum of {maximum}; expected 1 to 65535");
        }

        int channels = kind is 3 or 6 ? 3 : 1;
        int count = width * height * channels;
        bool text = kind is 2 or 3;
        int size = maximum > 255 ? 2 : 1;
        // One blank parts the header from binary samples; every text sample takes two bytes but the last.
        at += text ? 0 : 1;
        if (bytes.Length - at < (text ? ((long)count * 2) - 1 : (long)count * size))
        {
            throw Bad($"{bytes.Length - at:N0} bytes of samples for {width} x {height} pixels; the file is truncated");
        }

        byte[] pixels = new byte[count];
        for (int sample = 0; sample < count; sample++)
        {
            int value = text ? Number() : Binary(size);
            if (value > maximum)
            {
                throw Bad($"sample {sample} is {value}, above the maximum of {maximum}");
            }

            pixels[sample] = maximum == 255 ? (byte)value : (byte)(((value * 255L) + (maximum / 2)) / maximum);
        }

        return new Image(width, height, channels, pixels);
    }

    private int Binary(int size)
    {
        int value = size == 1 ? bytes[at] : (bytes[at] << 8) | bytes[at + 1];
        at += size;
        return value;
    }

    private int Number()
    {
        while (at < bytes.Length && (char.IsWhiteSpace((char)bytes[at]) || bytes[at] == '#'))
        {
            if (bytes[at] == '#')
            {
                int line = bytes.AsSpan(at).IndexOf((byte)'\n');
                at = line < 0 ? bytes.Length : at + line;
                continue;
            }

            at++;
        }

        int start = at;
        int value = 0;
        while (at < bytes.Length && char.IsAsciiDigit((char)bytes[at]))
        {
            value = at - start < 8 ? (value * 10) + bytes[at] - '0' : throw Bad("a number of more than 8 digits");
            at++;
        }

        return at > start ? value : throw Bad($"expected a number at byte {at}");
    }

    private InputException Bad(string why) => new($"{path}: the PNM image cannot be read: {why}");
}
