
namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>loop</c> and <c>demo</c>. Latencies are measured; <see cref="Provenance"/> is that of the energies.</summary>
/// <param name="Before">The original, measured interleaved with the deployed model.</param>
/// <param name="After">The pruned model, measured where it is deployed.</param>
/// <param name="Predicted">What the plan expected of the pruned model.</param>
/// <param name="Target">What was asked for, and what it came to in the last measurement.</param>
/// <param name="Verdict"><c>committed</c> or <c>rolled-back</c>.</param>
/// <param name="Reasons">A sentence for each thing that was looked at.</param>
/// <param name="Deployed">What serves now.</param>
/// <param name="Provenance">Of the energies: measured, counted or modelled.</param>
/// <param name="ProvenanceSource">The sensor or coefficients behind them.</param>
/// <param name="LatencyRatio">After over before, with its interval.</param>
/// <param name="EnergyRatio">After over before, with its interval.</param>
/// <param name="Verified">The pruned model against the masked original.</param>
/// <param name="Output">The pruned model's file.</param>
/// <param name="Plan">The plan's file.</param>
/// <param name="Run">Folder of the run.</param>
/// <param name="Rounds">Every plan that was cut and measured.</param>
/// <param name="Budget">A word of <see cref="BudgetWord"/>.</param>
/// <param name="Recovery">What training on has brought; null where no training data were given.</param>
/// <param name="Agent">Address of the agent; null where the board is this machine.</param>
/// <param name="Device">Name of the board.</param>
/// <param name="Warnings">What a reader of the last measurement must know.</param>
internal sealed record LoopDocument(
    ModelFigures Before,
    ModelFigures After,
    PredictedFigures Predicted,
    PruneTarget Target,
    string Verdict,
    IReadOnlyList<string> Reasons,
    DeployedModel Deployed,
    string Provenance,
    string ProvenanceSource,
    Figure LatencyRatio,
    Figure EnergyRatio,
    VerifyDocument Verified,
    string Output,
    string Plan,
    string Run,
    IReadOnlyList<LoopRound>? Rounds = null,
    string? Budget = null,
    RecoveryDocument? Recovery = null,
    string? Agent = null,
    string? Device = null,
    IReadOnlyList<string>? Warnings = null);

/// <summary>What the cost table says of a model that has not been measured yet.</summary>
internal sealed record PredictedFigures(double LatencyMs, double EnergyMj);
