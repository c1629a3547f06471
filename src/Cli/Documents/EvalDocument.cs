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
    public static EvalDocument Of(ClassificationMetrics metrics, IReadOnlyList<string>? names) => new(
        metrics.Count,
        metrics.Accuracy,
        metrics.F1Macro,
        metrics.Confusion,
        metrics.PrecisionMacro,
        metrics.RecallMacro,
        [
            .. metrics.PerClass.Select(c => new EvalClass(
                names is not null && c.Class < names.Count ? names[c.Class] : c.Class.ToString(), c.Support, c.Precision, c.Recall, c.F1)),
        ]);
}

internal sealed record EvalClass(string Name, long Support, double Precision, double Recall, double F1);
