using EdgePrune.Agent.Bundles;

namespace EdgePrune.Agent.Canaries;

/// <summary>When answers are alike, and how many must be.</summary>
/// <param name="Check">What is compared; null: the outputs tell, see <see cref="AnswerComparison"/>.</param>
/// <param name="Tolerance">For values: the largest difference as a share of the largest expected magnitude.</param>
/// <param name="MinShare">Share of canaries, 0 to 1, that must come out as expected.</param>
public sealed record AnswerRule(AnswerCheck? Check, double Tolerance, double MinShare)
{
    /// <summary>What the gates say about canaries.</summary>
    public static AnswerRule Of(BundleGates gates)
    {
        ArgumentNullException.ThrowIfNull(gates);
        return new AnswerRule(gates.AnswerCheck, gates.Tolerance, gates.MinCanaries ?? 1);
    }
}
