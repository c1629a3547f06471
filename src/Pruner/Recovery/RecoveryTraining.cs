using EdgePrune.Onnx;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Training.Data;
using EdgePrune.Training.Loop;
using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Recovery;

/// <summary>Trains a model for a number of steps, as pruning needs it: no epochs, nothing held back, the last step's weights.</summary>
public static class RecoveryTraining
{
    /// <summary>The model with trained weights; the model itself where no steps are asked for.</summary>
    /// <param name="model">The model with the weights to begin with.</param>
    /// <param name="options">The samples, and how to train.</param>
    /// <param name="steps">Training steps.</param>
    /// <param name="detail">What this training has that others have not.</param>
    /// <param name="cancel">Looked at between steps.</param>
    /// <exception cref="InputException">There are no labels or only one class, an operator has no gradient, or the training diverges.</exception>
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
        using TrainingLoop loop = Prepare(model, options, steps, detail ?? new TrainingDetail());
        try
        {
            return loop.Run(null, cancel).Model;
        }
        catch (DivergenceException diverged)
        {
            throw new InputException($"{diverged.Message}. While a model is pruned: lower --learning-rate, or mask less at a time", diverged);
        }
    }

    /// <summary>Makes sure that a model can be trained on these samples, before minutes of measuring it.</summary>
    /// <exception cref="InputException">There are no labels or only one class, the samples do not fit, or an operator has no gradient.</exception>
    public static void Check(OnnxModel model, RecoveryOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        CheckLabels(options);
        Prepare(model, options, 1, new TrainingDetail()).Dispose();
    }

    /// <summary>Makes sure of labels of at least two classes.</summary>
    /// <exception cref="InputException">There are none, or all are the same.</exception>
    internal static void CheckLabels(RecoveryOptions options) =>
        new CalibrationData(options.Training, Math.Max(1, options.Training.Count)).RequireClasses("training looks at the labels");

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
            Teacher = options.Distill && detail.Teacher is { } teacher ? new Teacher(teacher) : null,
            Regularizers = detail.Regularizers ?? new Regularizers(),
            Parameters = detail.Parameters,
            FreezeNormalization = detail.FreezeNormalization,
            Editor = detail.Editor,
            Augmentation = options.Augmentation,
            Seed = detail.Seed,
            Session = detail.Session,
        };
        return TrainingLoop.Create(model, data, null, plan);
    }
}
