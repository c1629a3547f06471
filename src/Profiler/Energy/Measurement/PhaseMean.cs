using EdgePrune.Profiler.Sensors;

namespace EdgePrune.Profiler.Energy.Measurement;

/// <summary>
/// Mean power over a run of the network from readings that see instants of it. Ten readings a second of a run that takes a third
/// of one see parts of it again and again and others by chance; since it is known when each run began, the readings are put in
/// the order of their phase, and each counts for the part of the run that it is nearest to.
/// </summary>
internal static class PhaseMean
{
    private const int FewestReadings = 20;
    // Neighbours in phase must be this much more alike than any two readings: otherwise the phase says nothing about the power.
    private const double Alike = 0.7;

    /// <param name="readings">New readings of one rail, in the order of time.</param>
    /// <param name="runTimes">Beginnings of the runs and the end of the last.</param>
    /// <param name="offset">Time of the readings' zero on the clock of the runs.</param>
    /// <returns>False where the plain mean is as good.</returns>
    public static bool TryOf(List<PowerSample> readings, IReadOnlyList<double> runTimes, double offset, out double mean)
    {
        mean = 0;
        if (runTimes.Count < 3 || readings.Count < FewestReadings)
        {
            return false;
        }

        var phased = new List<(double Phase, double Watts)>(readings.Count);
        int run = 0;
        foreach (PowerSample reading in readings)
        {
            double time = reading.Time.Value + offset;
            while (run < runTimes.Count - 2 && runTimes[run + 1] <= time)
            {
                run++;
            }

            double length = runTimes[run + 1] - runTimes[run];
            if (length > 0)
            {
                phased.Add((Math.Clamp((time - runTimes[run]) / length, 0, 1), reading.Power.Value));
            }
        }

        phased.Sort((a, b) => a.Phase.CompareTo(b.Phase));
        double usual = phased.Average(p => p.Watts);
        double variance = phased.Average(p => (p.Watts - usual) * (p.Watts - usual));
        double steps = 0;
        for (int i = 0; i < phased.Count; i++)
        {
            (double phase, double watts) = phased[i];
            (double previous, double before) = i > 0 ? phased[i - 1] : (phased[^1].Phase - 1, phased[^1].Watts);
            double next = i + 1 < phased.Count ? phased[i + 1].Phase : phased[0].Phase + 1;
            mean += watts * (next - previous) / 2;
            steps += (watts - before) * (watts - before) / 2;
        }

        return steps / phased.Count < Alike * variance;
    }
}
