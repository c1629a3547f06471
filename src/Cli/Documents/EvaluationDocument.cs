using EdgePrune.Training.Evaluation;

namespace EdgePrune.Cli.Documents;

/// <summary>What pruning did to a model's answers, its file and its memory.</summary>
/// <param name="Data">Samples that the answers were judged on; null where there were none.</param>
/// <param name="Samples">How many.</param>
/// <param name="Before">The original.</param>
/// <param name="After">The pruned model.</param>
/// <param name="Agreement">The pruned model's outputs against the original's; null where there were no data.</param>
/// <param name="PruningSeconds">Time that scoring, measuring, cutting and fitting took.</param>
internal sealed record EvaluationDocument(
    string? Data, int Samples, EvaluationSide Before, EvaluationSide After, AgreementFigures? Agreement, double PruningSeconds)
{
    /// <summary>Time that training took; 0 where nothing was trained.</summary>
    public double TrainingSeconds { get; init; }
}

/// <summary>One of the two models.</summary>
/// <param name="Classification">What it got right; null without labels.</param>
/// <param name="Regression">How far its first output is from the expected numbers; null where none were named.</param>
/// <param name="GzipBytes">Size of its file, compressed by gzip.</param>
/// <param name="BrotliBytes">The same by Brotli.</param>
/// <param name="MemoryBytes">Parameters and the values alive together at the worst moment, counted; null where nothing was counted.</param>
internal sealed record EvaluationSide(
    ClassificationFigures? Classification, RegressionFigures? Regression, long GzipBytes, long BrotliBytes, double? MemoryBytes);

/// <summary>Shares from 0 to 1; <paramref name="Top5"/> is null where there are five classes or fewer.</summary>
internal sealed record ClassificationFigures(
    double Accuracy,
    double? Top5,
    double PrecisionMacro,
    double RecallMacro,
    double F1Macro,
    double PrecisionMicro,
    double RecallMicro,
    double F1Micro,
    IReadOnlyList<EvalClass> Classes)
{
    public static ClassificationFigures Of(ClassificationMetrics metrics, IReadOnlyList<string>? names) => new(
        metrics.Accuracy,
        metrics.TopK.TryGetValue(5, out double top) ? top : null,
        metrics.PrecisionMacro,
        metrics.RecallMacro,
        metrics.F1Macro,
        metrics.PrecisionMicro,
        metrics.RecallMicro,
        metrics.F1Micro,
        EvalClass.Of(metrics, names));
}

/// <summary>Errors in the unit of the output.</summary>
internal sealed record RegressionFigures(double Mae, double Rmse, double R2)
{
    public static RegressionFigures Of(RegressionMetrics metrics) => new(metrics.MeanAbsoluteError, metrics.RootMeanSquareError, metrics.RSquared);
}

/// <param name="SameClass">Share of samples that both put into the same class; null for what is no classifier.</param>
/// <param name="Outputs">All numbers of all outputs, the original's taken for right.</param>
/// <param name="SamePositions">Share of positions that both put into the same class, where the first output has scores at several positions a sample.</param>
/// <param name="SameThroughout">Share of samples for which that is so at each position.</param>
internal sealed record AgreementFigures(double? SameClass, RegressionFigures Outputs, double? SamePositions, double? SameThroughout)
{
    public static AgreementFigures Of(OutputAgreement agreement) => new(
        agreement.SameClass, RegressionFigures.Of(agreement.Values), agreement.Positions?.Share, agreement.Positions?.WholeSamples);
}
