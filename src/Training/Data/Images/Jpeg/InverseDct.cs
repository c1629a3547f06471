namespace EdgePrune.Training.Data.Images.Jpeg;

/// <summary>
/// The accurate integer inverse DCT of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with 13-bit constants, rounded
/// as the Independent JPEG Group's "islow" does, so that pixels agree with what most programs show.
/// </summary>
internal static class InverseDct
{
    private const int ConstantBits = 13, FirstPassBits = 2;

    private const int F0298 = 2446, F0390 = 3196, F0541 = 4433, F0765 = 6270, F0899 = 7373, F1175 = 9633,
        F1501 = 12299, F1847 = 15137, F1961 = 16069, F2053 = 16819, F2562 = 20995, F3072 = 25172;

    /// <summary>Dequantises a block and writes its 64 samples, level shifted and clamped to 0..255.</summary>
    public static void Transform(ReadOnlySpan<short> block, ReadOnlySpan<ushort> quantisation, Span<byte> target, int stride)
    {
        Span<int> work = stackalloc int[64];
        Span<int> line = stackalloc int[8];
        for (int column = 0; column < 8; column++)
        {
            for (int k = 0; k < 8; k++)
            {
                line[k] = block[(k * 8) + column] * quantisation[(k * 8) + column];
            }

            Pass(line, ConstantBits - FirstPassBits);
            for (int k = 0; k < 8; k++)
            {
                work[(k * 8) + column] = line[k];
            }
        }

        for (int row = 0; row < 8; row++)
        {
            Span<int> values = work.Slice(row * 8, 8);
            Pass(values, ConstantBits + FirstPassBits + 3);
            for (int k = 0; k < 8; k++)
            {
                target[(row * stride) + k] = (byte)Math.Clamp(values[k] + 128, 0, 255);
            }
        }
    }

    private static void Pass(Span<int> v, int shift)
    {
        // Even part.
        int z1 = (v[2] + v[6]) * F0541;
        int t2 = z1 - (v[6] * F1847), t3 = z1 + (v[2] * F0765);
        int t0 = (v[0] + v[4]) << ConstantBits, t1 = (v[0] - v[4]) << ConstantBits;
        (int e0, int e3, int e1, int e2) = (t0 + t3, t0 - t3, t1 + t2, t1 - t2);

        // Odd part.
        int a0 = v[7], a1 = v[5], a2 = v[3], a3 = v[1];
        int y5 = (a0 + a2 + a1 + a3) * F1175;
        int y1 = -(a0 + a3) * F0899, y2 = -(a1 + a2) * F2562;
        int y3 = (-(a0 + a2) * F1961) + y5, y4 = (-(a1 + a3) * F0390) + y5;
        int o0 = (a0 * F0298) + y1 + y3, o1 = (a1 * F2053) + y2 + y4;
        int o2 = (a2 * F3072) + y2 + y3, o3 = (a3 * F1501) + y1 + y4;

        int half = 1 << (shift - 1);
        (v[0], v[7]) = ((e0 + o3 + half) >> shift, (e0 - o3 + half) >> shift);
        (v[1], v[6]) = ((e1 + o2 + half) >> shift, (e1 - o2 + half) >> shift);
        (v[2], v[5]) = ((e2 + o1 + half) >> shift, (e2 - o1 + half) >> shift);
        (v[3], v[4]) = ((e3 + o0 + half) >> shift, (e3 - o0 + half) >> shift);
    }
}
