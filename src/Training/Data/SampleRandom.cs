namespace EdgePrune.Training.Data;

/// <summary>
/// A generator whose draws depend on seed, epoch and sample alone (and a stage, which keeps users apart), so that threads and
/// batches change nothing: SplitMix64 (Steele, Lea and Flood, 2014) from a mixed key.
/// </summary>
internal struct SampleRandom
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private ulong state;

    public SampleRandom(int seed, long epoch, long sample, int stage)
    {
        state = Mix((ulong)seed);
        state = Mix((state + Gamma) ^ (ulong)epoch);
        state = Mix((state + Gamma) ^ (ulong)sample);
        state = Mix((state + Gamma) ^ (ulong)stage);
    }

    /// <summary>In [0, 1).</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>In [0, <paramref name="below"/>); the bias of the multiplication is below 2^-32 for any int.</summary>
    public int NextInt(int below) => (int)Math.BigMul(Next(), (ulong)below, out _);

    public bool NextBool() => (Next() >> 63) != 0;

    /// <summary>Standard normal, by Box and Muller.</summary>
    public double NextNormal() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>Gamma with scale one, by Marsaglia and Tsang (2000).</summary>
    public double NextGamma(double shape)
    {
        if (shape < 1)
        {
            return NextGamma(shape + 1) * Math.Pow(1 - NextDouble(), 1 / shape);
        }

        double d = shape - (1.0 / 3), c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double x = NextNormal(), v = 1 + (c * x);
            v = v * v * v;
            if (v > 0 && Math.Log(1 - NextDouble()) < (x * x / 2) + d - (d * v) + (d * Math.Log(v)))
            {
                return d * v;
            }
        }
    }

    /// <summary>Beta(a, a), in [0, 1].</summary>
    public double NextBeta(double a)
    {
        double x = NextGamma(a), y = NextGamma(a);
        return x + y > 0 ? x / (x + y) : 0.5;
    }

    /// <summary>Puts <paramref name="items"/> into an order that all permutations are equally likely to be (Fisher and Yates).</summary>
    public void Shuffle(Span<int> items)
    {
        for (int at = items.Length - 1; at > 0; at--)
        {
            int other = NextInt(at + 1);
            (items[at], items[other]) = (items[other], items[at]);
        }
    }

    private ulong Next()
    {
        state += Gamma;
        return Mix(state);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
