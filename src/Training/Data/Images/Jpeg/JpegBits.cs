using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Images.Jpeg;

/// <summary>The bits of entropy-coded data, with stuffed bytes taken out; a marker ends them.</summary>
internal sealed class JpegBits(byte[] bytes, int start, string path)
{
    private int current;
    private int left;

    /// <summary>First byte not yet taken.</summary>
    public int Position { get; private set; } = start;

    public int Bit()
    {
        if (left == 0)
        {
            current = NextByte();
            left = 8;
        }

        left--;
        return (current >> left) & 1;
    }

    public int Bits(int count)
    {
        int value = 0;
        for (int n = 0; n < count; n++)
        {
            value = (value << 1) | Bit();
        }

        return value;
    }

    /// <summary>A signed value of <paramref name="size"/> bits (T.81, EXTEND).</summary>
    public int Extended(int size)
    {
        int value = Bits(size);
        return size > 0 && value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
    }

    /// <summary>Drops the rest of the byte and takes the restart marker that must follow.</summary>
    public void Restart(int number)
    {
        left = 0;
        while (Position + 1 < bytes.Length && bytes[Position] == 0xff && bytes[Position + 1] == 0xff)
        {
            Position++;
        }

        if (Position + 1 >= bytes.Length || bytes[Position] != 0xff || bytes[Position + 1] != 0xd0 + number)
        {
            throw new InputException($"{path}: the JPEG cannot be read: restart marker {number} is missing; the file is damaged");
        }

        Position += 2;
    }

    private int NextByte()
    {
        if (Position >= bytes.Length || (bytes[Position] == 0xff && (Position + 1 >= bytes.Length || bytes[Position + 1] != 0)))
        {
            throw new InputException($"{path}: the JPEG cannot be read: its image data end early; the file is truncated or damaged");
        }

        int value = bytes[Position];
        Position += value == 0xff ? 2 : 1;
        return value;
    }
}
