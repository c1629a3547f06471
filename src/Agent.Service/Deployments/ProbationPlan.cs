using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Canaries;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>How one model is tried.</summary>
/// <param name="Gates">What was signed with it.</param>
/// <param name="Needed">Comparisons after which it is decided.</param>
/// <param name="MinRequests">Fewer decide nothing.</param>
/// <param name="Time">When it is decided at the latest.</param>
internal sealed record ProbationPlan(BundleGates Gates, int Needed, int MinRequests, TimeSpan Time)
{
    public AnswerRule Answers => AnswerRule.Of(Gates);

    public static ProbationPlan Of(BundleGates? gates, ProbationSettings settings)
    {
        gates ??= BundleGates.None;
        int needed = gates.ProbationRequests ?? Math.Max(settings.Requests, gates.MinRequests ?? 0);
        return new ProbationPlan(
            gates,
            needed,
            Math.Min(gates.MinRequests ?? settings.MinRequests, needed),
            gates.ProbationSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : settings.Time);
    }
}
