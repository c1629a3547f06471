using EdgePrune.Training.Steps;

namespace EdgePrune.Training.Loop;

/// <summary>
/// Changes parameters between the steps of a training: holds some at zero, gives others back. What it does must follow from the model, the
/// data and the step alone, so that equal trainings stay equal.
/// </summary>
public interface IParameterEditor
{
    /// <summary>Called once, before the first step.</summary>
    void Begin(TrainingStep step);

    /// <summary>Called after each step.</summary>
    /// <param name="step">The training step; its values may be changed.</param>
    /// <param name="done">Steps done, from 1.</param>
    /// <param name="steps">Steps of the whole training.</param>
    void AfterStep(TrainingStep step, long done, long steps);
}
