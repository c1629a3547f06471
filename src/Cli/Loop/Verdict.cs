using System.Globalization;
using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Cli.Loop;

/// <summary>Whether the new model stays.</summary>
/// <param name="IsKept">True: committed; false: rolled back.</param>
/// <param name="Reasons">One sentence for each thing that was looked at.</param>
internal sealed record Verdict(bool IsKept, IReadOnlyList<string> Reasons)
{
    /// <summary>How JSON and people are told.</summary>
    public string Word => IsKept ? "committed" : "rolled-back";

    /// <summary>
    /// A model stays only if it is really better: the whole interval of each ratio lies below 1, and accuracy fell by no more than
    /// is allowed. A ratio that could be 1 is no improvement.
    /// </summary>
    /// <param name="latency">New over old, measured interleaved.</param>
    /// <param name="energy">New over old.</param>
    /// <param name="accuracy">Old and new, 0 to 1; null where there are no labelled data.</param>
    /// <param name="allowedDrop">Percentage points that accuracy may fall.</param>
    /// <param name="provenance">Of the energies: measured, counted, modelled.</param>
    public static Verdict Of(Interval latency, Interval energy, (double Before, double After)? accuracy, double allowedDrop, string provenance)
    {
        var reasons = new List<string>();
        bool kept = Lower("latency (measured)", latency, reasons);
        kept &= Lower($"energy ({provenance})", energy, reasons);
        if (accuracy is not { } known)
        {
            reasons.Add("accuracy was not compared: no labelled data were given");
            return new Verdict(kept, reasons);
        }

        double drop = (known.Before - known.After) * 100;
        // Accuracies are fractions of samples; a drop of exactly the allowance must not fail by rounding.
        bool holds = drop <= allowedDrop + 1e-9;
        reasons.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"accuracy {Change(drop)}, a fall of {allowedDrop:G4} is allowed{(holds ? "" : ": too much")}"));
        return new Verdict(kept && holds, reasons);
    }

    private static string Change(double drop) =>
        drop == 0 ? "is the same" : string.Create(CultureInfo.InvariantCulture, $"{(drop > 0 ? "fell" : "rose")} by {Math.Abs(drop):F2} points");

    private static bool Lower(string what, Interval ratio, List<string> reasons)
    {
        bool lower = ratio.High < 1;
        string range = string.Create(CultureInfo.InvariantCulture, $"{ratio.Median * 100:F1} % of before ({ratio.Low * 100:F1} to {ratio.High * 100:F1})");
        reasons.Add($"{what} is {range}{(lower ? "" : ": not certainly lower")}");
        return lower;
    }
}
