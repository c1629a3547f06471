using EdgePrune.Training.Evaluation;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>eval</c>; ratios are 0 to 1, confusion rows are labels and columns predictions.</summary>
internal sealed record EvalDocument(
    long N,
    double Accuracy,
    double F1Macro,
    IReadOnlyList<IReadOnlyList<long>> Confusion,
    double PrecisionMacro,
    double RecallMacro,
    IReadOnlyList<EvalClass> Classes)
{
    /// <summary>Share whose label is among the five highest outputs; null where there are five classes or fewer.</summary>
    public double? Top5 { get; init; }

    public double F1Micro { get; init; }

    public double PrecisionMicro { get; init; }

    public double RecallMicro { get; init; }

    public static EvalDocument Of(ClassificationMetrics metrics, IReadOnlyList<string>? names) => new(
        metrics.Count,
        metrics.Accuracy,
        metrics.F1Macro,
        metrics.Confusion,
        metrics.PrecisionMacro,
        metrics.RecallMacro,
        EvalClass.Of(metrics, names))
    {
        Top5 = metrics.TopK.TryGetValue(5, out double top) ? top : null,
        F1Micro = metrics.F1Micro,
        PrecisionMicro = metrics.PrecisionMicro,
        RecallMicro = metrics.RecallMicro,
    };
}

internal sealed record EvalClass(string Name, long Support, double Precision, double Recall, double F1)
{
    public static IReadOnlyList<EvalClass> Of(ClassificationMetrics metrics, IReadOnlyList<string>? names) =>
    [
        .. metrics.PerClass.Select(c => new EvalClass(
            names is not null && c.Class < names.Count ? names[c.Class] : c.Class.ToString(), c.Support, c.Precision, c.Recall, c.F1)),
    ];
}
