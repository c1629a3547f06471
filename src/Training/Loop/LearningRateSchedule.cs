namespace EdgePrune.Training.Loop;

/// <summary>The learning rate over a training: a linear warm-up, then one of the kinds.</summary>
public sealed record LearningRateSchedule
{
    public ScheduleKind Kind { get; init; } = ScheduleKind.Cosine;

    /// <summary>Epochs over which the rate rises from nothing; may be a fraction.</summary>
    public double WarmupEpochs { get; init; }

    /// <summary>Epochs between two steps, counted from the end of the warm-up.</summary>
    public double StepEpochs { get; init; } = 10;

    /// <summary>What each step multiplies the rate by.</summary>
    public double StepFactor { get; init; } = 0.1;

    /// <summary>The rate of one step.</summary>
    /// <param name="peak">The rate where nothing lowers it.</param>
    /// <param name="step">The step, from 0.</param>
    /// <param name="steps">Steps of the whole training.</param>
    /// <param name="epochs">Epochs of the whole training.</param>
    public double At(double peak, long step, long steps, double epochs)
    {
        double perEpoch = steps / epochs;
        double warmup = Math.Min(WarmupEpochs * perEpoch, steps);
        if (step + 1 < warmup)
        {
            return peak * (step + 1) / warmup;
        }

        double after = Math.Max(0, step - warmup);
        return Kind switch
        {
            ScheduleKind.Cosine => peak * 0.5 * (1 + Math.Cos(Math.PI * after / Math.Max(1, steps - warmup))),
            ScheduleKind.Step => peak * Math.Pow(StepFactor, Math.Floor((after / perEpoch / StepEpochs) + 1e-9)),
            _ => peak,
        };
    }
}
