namespace EdgePrune.Training.Data.Images.Jpeg;

/// <summary>A canonical Huffman code (ITU-T T.81, annex C).</summary>
internal sealed class HuffmanTable
{
    private const int Longest = 16;

    private readonly int[] firstCode = new int[Longest + 2];
    private readonly int[] firstIndex = new int[Longest + 2];
    private readonly int[] counts = new int[Longest + 1];
    private readonly byte[] symbols;

    private HuffmanTable(byte[] symbols) => this.symbols = symbols;

    /// <summary>From the counts of codes of length 1 to 16 and their symbols; null where no such code exists.</summary>
    public static HuffmanTable? TryCreate(ReadOnlySpan<byte> lengths, ReadOnlySpan<byte> symbols)
    {
        HuffmanTable table = new(symbols.ToArray());
        int code = 0, index = 0;
        for (int length = 1; length <= Longest; length++)
        {
            table.firstCode[length] = code;
            table.firstIndex[length] = index;
            table.counts[length] = lengths[length - 1];
            code += lengths[length - 1];
            index += lengths[length - 1];
            if (code > 1 << length)
            {
                return null;
            }

            code <<= 1;
        }

        return table;
    }

    /// <summary>The next symbol, or -1 where the bits are no code.</summary>
    public int Decode(JpegBits bits)
    {
        int code = 0;
        for (int length = 1; length <= Longest; length++)
        {
            code = (code << 1) | bits.Bit();
            int within = code - firstCode[length];
            if (within >= 0 && within < counts[length])
            {
                return symbols[firstIndex[length] + within];
            }
        }

        return -1;
    }
}
