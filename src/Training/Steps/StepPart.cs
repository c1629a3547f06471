namespace EdgePrune.Training.Steps;

/// <summary>The parts of a training step, in the order in which they are computed.</summary>
public enum StepPart
{
    /// <summary>What the batch holds.</summary>
    Batch,

    /// <summary>Parameters, running statistics and optimiser state as they stand before the step.</summary>
    Parameter,

    /// <summary>The model's own nodes.</summary>
    Forward,

    /// <summary>Losses and regularisers.</summary>
    Loss,

    /// <summary>The gradients.</summary>
    Gradient,

    /// <summary>Clipping, and the new values of parameters and optimiser state.</summary>
    Update,
}
