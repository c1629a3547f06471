using EdgePrune.Cli.Documents;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;

namespace EdgePrune.Cli.Evaluation;

/// <summary>Judges models on samples that nothing was fitted to.</summary>
/// <param name="settings">How the runtime executes the models.</param>
/// <param name="data">The samples, or null.</param>
/// <param name="target">Array of expected numbers in them, for what is no classifier; null for none.</param>
internal sealed class ModelEvaluation(SessionSettings settings, Dataset? data, string? target = null)
{
    /// <summary>What a model gets right; null without labels.</summary>
    /// <exception cref="InputException">The data do not fit the model.</exception>
    public ClassificationFigures? Classify(OnnxModel model, CancellationToken cancel)
    {
        if (data?.Labels is null)
        {
            return null;
        }

        using var session = ModelSession.Create(model, settings);
        return ClassificationFigures.Of(Evaluator.Run(session.Session, data, cancellation: cancel), data.ClassNames);
    }

    /// <summary>One side of the table.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">Its file.</param>
    /// <param name="known">What it gets right, where that is known.</param>
    /// <param name="memoryBytes">What it holds at the worst moment, or null.</param>
    /// <param name="cancel">Ends it.</param>
    public EvaluationSide Side(OnnxModel model, string path, ClassificationFigures? known, double? memoryBytes, CancellationToken cancel)
    {
        RegressionFigures? regression = null;
        if (target is not null && data is not null)
        {
            using var session = ModelSession.Create(model, settings);
            regression = RegressionFigures.Of(OutputAgreement.Against(session.Session, data, target, cancellation: cancel));
        }

        return new EvaluationSide(known, regression, CompressedSize.Gzip(path), CompressedSize.Brotli(path), memoryBytes);
    }

    /// <summary>Both sides, and how far the second model's outputs are from the first's, where both answer the same question.</summary>
    public EvaluationDocument Compare(
        (OnnxModel Model, EvaluationSide Side) before, (OnnxModel Model, EvaluationSide Side) after, bool sameAnswers, double pruningSeconds, CancellationToken cancel)
    {
        AgreementFigures? agreement = null;
        if (data is not null && sameAnswers)
        {
            using var original = ModelSession.Create(before.Model, settings);
            using var pruned = ModelSession.Create(after.Model, settings);
            agreement = AgreementFigures.Of(OutputAgreement.Of(original.Session, pruned.Session, data, cancellation: cancel));
        }

        return new EvaluationDocument(data?.Source, data?.Count ?? 0, before.Side, after.Side, agreement, pruningSeconds);
    }
}
