using EdgePrune.Pruner.Verification;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>verify</c>: the pruned model against the original with the removed units masked to zero.</summary>
/// <param name="MaxAbsError">Largest difference of any output element.</param>
/// <param name="MaxRelError">The same over the range of that output.</param>
/// <param name="Ok">Whether that is within the tolerance.</param>
/// <param name="Tolerance">What <paramref name="MaxRelError"/> may be.</param>
/// <param name="Runs">Inputs compared.</param>
internal sealed record VerifyDocument(double MaxAbsError, double MaxRelError, bool Ok, double Tolerance, int Runs)
{
    public static VerifyDocument Of(EquivalenceReport report) =>
        new(report.MaxAbsError, report.MaxRelError, report.Ok, MaskedEquivalence.Tolerance, report.Runs);
}
