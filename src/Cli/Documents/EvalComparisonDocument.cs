namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>eval --original</c>: two models side by side.</summary>
/// <param name="Before">The original, measured interleaved with the other model.</param>
/// <param name="After">The other model.</param>
/// <param name="Provenance">Of the energies: measured, counted or modelled.</param>
/// <param name="LatencyRatio">After over before, with its interval.</param>
/// <param name="EnergyRatio">After over before, with its interval.</param>
/// <param name="Evaluation">What became of the answers, the compressed file and the memory.</param>
internal sealed record EvalComparisonDocument(
    ModelFigures Before, ModelFigures After, string Provenance, Figure LatencyRatio, Figure EnergyRatio, EvaluationDocument Evaluation);
