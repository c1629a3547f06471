using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;
using EdgePrune.Training.Loop;
using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Recovery;

/// <summary>Trains a model for a number of steps, as pruning needs it: no epochs, nothing held back, the last step's weights.</summary>
public static class RecoveryTraining
{
    // Labels pull to where the loss is next to nothing and its gradients with it; a squared error of outputs has no such end, and what
    // rate it bears depends on the scale of the weights, which normalised layers leave open. So some are tried for a share of the
    // steps each, and the one that comes nearest is taken.
    private const int Attempts = 4;
    private const double RateStep = 0.1;
    private const int TrialShare = 10;
    private const int LeastTrial = 5;
    private const int JudgedSamples = 256;

    /// <summary>The model with trained weights; the model itself where no steps are asked for, or where learning outputs only takes it further from them.</summary>
    /// <param name="model">The model with the weights to begin with.</param>
    /// <param name="options">The samples, and how to train.</param>
    /// <param name="steps">Training steps.</param>
    /// <param name="detail">What this training has that others have not.</param>
    /// <param name="cancel">Looked at between steps.</param>
    /// <exception cref="InputException">There are no labels and the original is not learnt from, or only one class, an operator has no gradient, or the training diverges.</exception>
    public static OnnxModel Run(OnnxModel model, RecoveryOptions options, long steps, TrainingDetail? detail = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        if (steps == 0)
        {
            return model;
        }

        CheckLabels(options);
        detail ??= new TrainingDetail();
        // What masks or penalties take away in the course of it is meant to be further off.
        return options.Imitates && detail is { Editor: null, Regularizers: null }
            ? Imitate(model, options, steps, detail, cancel)
            : Train(model, options, steps, detail, cancel);
    }

    /// <summary>Makes sure that a model can be trained on these samples, before minutes of measuring it.</summary>
    /// <exception cref="InputException">There are no labels or only one class, the samples do not fit, or an operator has no gradient.</exception>
    public static void Check(OnnxModel model, RecoveryOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        CheckLabels(options);
        if (options is { Features: > 0, Distill: true } && !TrainingLoop.HasJoins(model))
        {
            throw new InputException($"{model.Source}: no branches join in it, so there are no values there to learn; leave --distill-features out");
        }

        Prepare(model, options, 1, new TrainingDetail { Teacher = model }).Dispose();
    }

    /// <summary>Makes sure of labels of at least two classes.</summary>
    /// <exception cref="InputException">There are none, or all are the same.</exception>
    internal static void CheckLabels(RecoveryOptions options)
    {
        if (!options.Imitates)
        {
            new CalibrationData(options.Training, Math.Max(1, options.Training.Count)).RequireClasses("training looks at the labels; the original's outputs alone can be learnt without (--distill)");
        }
    }

    private static OnnxModel Train(OnnxModel model, RecoveryOptions options, long steps, TrainingDetail detail, CancellationToken cancel)
    {
        using TrainingLoop loop = Prepare(model, options, steps, detail);
        try
        {
            return loop.Run(null, cancel).Model;
        }
        catch (DivergenceException diverged)
        {
            throw new InputException($"{diverged.Message}. While a model is pruned: lower --learning-rate, or mask less at a time", diverged);
        }
    }

    private static OnnxModel Imitate(OnnxModel model, RecoveryOptions options, long steps, TrainingDetail detail, CancellationToken cancel)
    {
        double before = Off(model, options, detail, cancel);
        foreach (double factor in Rates(model, options, steps, detail, before, cancel))
        {
            if (TryImitate(model, options, steps, detail with { RateFactor = detail.RateFactor * factor }, cancel) is var (trained, off) && off < before)
            {
                return trained;
            }
        }

        // Nothing was won; nothing is lost either.
        return model;
    }

    /// <summary>What the learning rate is to be multiplied by, the best first, as short trainings tell it.</summary>
    private static IEnumerable<double> Rates(OnnxModel model, RecoveryOptions options, long steps, TrainingDetail detail, double before, CancellationToken cancel)
    {
        double[] all = [.. Enumerable.Range(0, Attempts).Select(i => Math.Pow(RateStep, i))];
        long trial = steps / TrialShare;
        if (trial < LeastTrial)
        {
            return all;
        }

        var seen = new List<(double Factor, double Off)>();
        foreach (double factor in all)
        {
            double off = TryImitate(model, options, trial, detail with { RateFactor = detail.RateFactor * factor }, cancel)?.Off ?? double.PositiveInfinity;
            if (seen.Count > 0 && seen[^1].Off < before && off > seen[^1].Off)
            {
                break; // below the best rate less and less is won
            }

            seen.Add((factor, double.IsNaN(off) ? double.PositiveInfinity : off));
        }

        return seen.OrderBy(s => s.Off).Select(s => s.Factor).Concat(all.Skip(seen.Count));
    }

    private static (OnnxModel Model, double Off)? TryImitate(OnnxModel model, RecoveryOptions options, long steps, TrainingDetail detail, CancellationToken cancel)
    {
        using TrainingLoop loop = Prepare(model, options, steps, detail);
        try
        {
            OnnxModel trained = loop.Run(null, cancel).Model;
            return (trained, Off(trained, options, detail, cancel));
        }
        catch (DivergenceException)
        {
            return null; // at a lower rate it may go well
        }
    }

    // The share of the variance of the original's outputs that a model leaves unexplained, in inference and on some of the samples.
    private static double Off(OnnxModel model, RecoveryOptions options, TrainingDetail detail, CancellationToken cancel)
    {
        if (detail.Teacher is not { } original)
        {
            throw new ArgumentException("without labels there must be a model to learn from", nameof(detail));
        }

        using var theirs = ModelSession.Create(original, detail.Session);
        using var ours = ModelSession.Create(model, detail.Session);
        return 1 - OutputAgreement.Of(theirs.Session, ours.Session, options.Training.Take(Math.Min(JudgedSamples, options.Training.Count)), cancellation: cancel).Values.RSquared;
    }

    private static Teacher? Teacher(RecoveryOptions options, OnnxModel? original) => !options.Distill || original is null
        ? null
        : options.Imitates
            ? new Teacher(original) { Share = 1, Temperature = 1, Features = options.Features }
            : new Teacher(original) { Share = options.TeacherShare, Features = options.Features };

    private static TrainingLoop Prepare(OnnxModel model, RecoveryOptions options, long steps, TrainingDetail detail)
    {
        Dataset data = options.Training;
        long batch = Math.Min(options.BatchSize, data.Count);
        var plan = new TrainingPlan
        {
            Epochs = checked((int)(((steps * batch) + data.Count - 1) / data.Count)),
            Steps = steps,
            BatchSize = options.BatchSize,
            LearningRate = options.LearningRate * detail.RateFactor,
            MaxGradientNorm = options.MaxGradientNorm,
            Teacher = Teacher(options, detail.Teacher),
            Regularizers = detail.Regularizers ?? new Regularizers(),
            Parameters = detail.Parameters,
            // Outputs are learnt as they are in inference. Sequences and pictures come in small batches, whose statistics are not the data's.
            FreezeNormalization = detail.FreezeNormalization || options.Imitates,
            Editor = detail.Editor,
            Augmentation = options.Augmentation,
            Seed = detail.Seed,
            Session = detail.Session,
        };
        return TrainingLoop.Create(model, data, null, plan);
    }
}
