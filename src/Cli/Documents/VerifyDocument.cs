using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>verify</c>: the pruned model against the original with the removed units masked to zero.</summary>
/// <param name="MaxAbsError">Largest difference of any output element.</param>
/// <param name="MaxRelError">The same over the range of that output.</param>
/// <param name="Ok">Whether every value is finite and, unless units are inexact, that is within the tolerance.</param>
/// <param name="Tolerance">What <paramref name="MaxRelError"/> may be.</param>
/// <param name="Runs">Inputs compared.</param>
/// <param name="Exact">False where inexact units were removed: the errors are then a deviation to know, not a fault.</param>
/// <param name="Inexact">Inexact units by reason; null where there are none.</param>
/// <param name="BorderDeviation">
/// Where constants were folded through padding: how far the pruned model is, over the output's range, from the masked original that
/// reads zeros beyond the border; null elsewhere. The errors above are against the constants continued there.
/// </param>
internal sealed record VerifyDocument(
    double MaxAbsError,
    double MaxRelError,
    bool Ok,
    double Tolerance,
    int Runs,
    bool Exact = true,
    IReadOnlyList<InexactUnits>? Inexact = null,
    double? BorderDeviation = null)
{
    public static VerifyDocument Of(EquivalenceReport report, PruningPlan plan)
    {
        InexactUnits[] inexact =
        [
            .. plan.Units.Select(u => u.Inexact).OfType<string>().GroupBy(why => why, StringComparer.Ordinal).Select(g => new InexactUnits(g.Count(), g.Key)),
        ];
        return new(
            report.MaxAbsError,
            report.MaxRelError,
            report.Ok,
            MaskedEquivalence.Tolerance,
            report.Runs,
            report.IsExact,
            inexact.Length == 0 ? null : inexact,
            report.BorderDeviation);
    }

    /// <summary>What the check came to, in one line.</summary>
    public string Summary() => Exact
        ? $"equal to the masked original within {MaxRelError:G2} of the output's range" + (BorderDeviation is { } border ? $"; {border:G2} with its borders" : "")
        : $"off the masked original by {MaxRelError:G2} of the output's range, as cutting the {Inexact?.Sum(i => i.Units) ?? 0} inexact units does by nature";
}

/// <param name="Units">How many of the units removed.</param>
/// <param name="Reason">Why cutting them differs from masking them.</param>
internal sealed record InexactUnits(int Units, string Reason);
