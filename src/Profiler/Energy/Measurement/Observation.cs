using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Energy.Measurement;

/// <summary>A window that was measured.</summary>
/// <param name="Window">What was planned.</param>
/// <param name="Activity">What was done.</param>
/// <param name="Power">Mean power of the board while it was done, without the time to settle.</param>
/// <param name="Span">Seconds that the mean is over.</param>
/// <param name="Samples">New readings in it.</param>
/// <param name="Lowest">Smallest reading in it, in watts.</param>
/// <param name="Highest">Largest reading in it, in watts.</param>
internal sealed record Observation(
    PlannedWindow Window, Activity Activity, Watts Power, Seconds Span, int Samples, double Lowest, double Highest)
{
    /// <summary>Middle of the window, on the clock of the measurement.</summary>
    public double Middle => (Activity.Begin.Value + Activity.End.Value) / 2;
}
