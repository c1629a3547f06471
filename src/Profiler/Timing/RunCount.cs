namespace EdgePrune.Profiler.Timing;

/// <summary>How many runs of a loop a slice of time is worth.</summary>
internal static class RunCount
{
    private const int Fewest = 3;
    private const int Most = 24;

    /// <param name="slice">Seconds to spend.</param>
    /// <param name="run">Seconds of a run.</param>
    public static int For(double slice, double run) => (int)Math.Clamp(slice / Math.Max(run, 1e-6), Fewest, Most);
}
