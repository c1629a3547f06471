namespace EdgePrune.Training.Data.Formats;

/// <summary>CRC-32 as zip and PNG use it (ISO 3309, reflected polynomial EDB88320h).</summary>
internal static class Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(n =>
    {
        uint c = (uint)n;
        for (int bit = 0; bit < 8; bit++)
        {
            c = (c & 1) != 0 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
        }

        return c;
    })];

    /// <summary>Continues from <paramref name="value"/>, the checksum of the bytes before; 0 at the start.</summary>
    public static uint Append(uint value, ReadOnlySpan<byte> bytes)
    {
        uint c = ~value;
        foreach (byte b in bytes)
        {
            c = Table[(int)((c ^ b) & 0xff)] ^ (c >> 8);
        }

        return ~c;
    }
}
