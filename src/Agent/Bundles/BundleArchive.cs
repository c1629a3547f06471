using System.Text;

namespace EdgePrune.Agent.Bundles;

/// <summary>
/// The outer form of a bundle: a POSIX ustar archive (IEEE 1003.1, pax), so that any tar lists it, but only in one
/// form: the manifest first, then the files in the manifest's order, plain files with fixed attributes. A reader knows
/// every header before it comes and compares it whole, so links, paths and extensions of tar have no way in.
/// </summary>
internal static class BundleArchive
{
    public const string ManifestName = "manifest.json";
    public const int BlockBytes = 512;

    /// <summary>What eleven octal digits can say.</summary>
    public const long MaxFileBytes = (8L << 30) - 1;

    /// <summary>Blocks of zeros that end an archive.</summary>
    public const int EndBytes = 2 * BlockBytes;

    private const int SizeOffset = 124;
    private const int SizeDigits = 11;
    private const int ChecksumOffset = 148;

    /// <summary>The header of a plain file.</summary>
    public static byte[] Header(string name, long size)
    {
        byte[] header = new byte[BlockBytes];
        void Put(int offset, string text) => Encoding.ASCII.GetBytes(text, header.AsSpan(offset));
        Put(0, name);
        Put(100, "0000644\0"); // mode
        Put(108, "0000000\0"); // owner
        Put(116, "0000000\0"); // group
        Put(SizeOffset, Octal(size, SizeDigits) + "\0");
        Put(136, "00000000000\0"); // time of change: none, so that equal content gives equal bytes
        Put(ChecksumOffset, "        ");
        Put(156, "0"); // a plain file
        Put(257, "ustar\0" + "00");
        int sum = 0;
        foreach (byte b in header)
        {
            sum += b;
        }

        Put(ChecksumOffset, Octal(sum, 6) + "\0 ");
        return header;
    }

    /// <summary>How many zeros follow a file of this size.</summary>
    public static int Padding(long size) => (int)((BlockBytes - (size % BlockBytes)) % BlockBytes);

    /// <summary>The size in the first header, the only one that is not known beforehand; false where the header is not ours.</summary>
    public static bool TryReadManifestSize(ReadOnlySpan<byte> header, out long size)
    {
        size = 0;
        foreach (byte digit in header.Slice(SizeOffset, SizeDigits))
        {
            if (digit is < (byte)'0' or > (byte)'7')
            {
                return false;
            }

            size = (size * 8) + (digit - '0');
        }

        return header.SequenceEqual(Header(ManifestName, size));
    }

    private static string Octal(long value, int digits) =>
        Convert.ToString(value, 8).PadLeft(digits, '0');
}
