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

        detail ??= new TrainingDetail();
        Dataset data = options.Training;
        new CalibrationData(data, Math.Max(1, data.Count)).RequireClasses("training looks at the labels");
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
            Editor = detail.Editor,
            Seed = detail.Seed,
            Session = detail.Session,
        };
        using var loop = TrainingLoop.Create(model, data, null, plan);
        return loop.Run(null, cancel).Model;
    }
}
