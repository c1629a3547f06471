using System.Globalization;
using EdgePrune.Profiler.Energy.Measurement;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Timing;

namespace EdgePrune.Profiler;

/// <summary>What the reader of a profile must be told.</summary>
internal static class ProfileWarnings
{
    private const double Notable = 0.03;
    private const double Excessive = 0.1;
    private const double WellConditioned = 100;
    private const double Drift = 0.05;

    /// <summary>Of the measurement of energy.</summary>
    public static IEnumerable<string> Of(EnergyMeasurementResult? measured)
    {
        if (measured is null)
        {
            yield break;
        }

        if (measured.Invalid is { } reason)
        {
            yield return $"the energy measurement is not valid: {reason}";
            yield break;
        }

        double residual = measured.DynamicResidual.Median;
        if (Math.Abs(residual) > Notable)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"layers and network differ by {residual * 100:F1} % in dynamic energy{(Math.Abs(residual) > Excessive ? ": more than a tenth, do not rely on the layers' energies" : "")}");
        }

        if (measured.Condition > WellConditioned)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"the fit of the energies is ill-conditioned ({measured.Condition:F0}): more time gives a better design");
        }
    }

    /// <summary>Of the timing.</summary>
    public static IReadOnlyList<string> Of(
        ExecutedGraph graph,
        IReadOnlyDictionary<int, string> problems,
        Closure closure,
        IReadOnlyList<double> network,
        Conditions before,
        Conditions after)
    {
        var warnings = new List<string>();
        foreach ((int index, string reason) in problems)
        {
            warnings.Add($"layer {graph.Layers[index].Name} cannot be timed on its own: {reason}");
        }

        double residual = closure.TimeResidual.Median;
        if (Math.Abs(residual) > Notable)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"layers and network differ by {residual * 100:F1} % in time"));
        }

        int third = network.Count / 3;
        double early = Order.Median([.. network.Take(third)]);
        double late = Order.Median([.. network.TakeLast(third)]);
        if (Math.Abs(late / early - 1) > Drift)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"the network's latency drifted by {(late / early - 1) * 100:F1} % during the profile"));
        }

        if (after.ThrottleEvents > before.ThrottleEvents)
        {
            warnings.Add($"the processor throttled {after.ThrottleEvents - before.ThrottleEvents} times during the profile; its figures are not valid");
        }

        if (before.Load > before.Cores)
        {
            warnings.Add(string.Create(CultureInfo.InvariantCulture, $"the machine was busy (load {before.Load:F1} on {before.Cores} cores)"));
        }

        return warnings;
    }
}
