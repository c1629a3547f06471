using EdgePrune.Training.Loop;
using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Schedules;

/// <summary>Holds the same weights at zero from the first step of a training to the last.</summary>
/// <param name="choose">Chooses them when the training begins: true for each element, by tensor.</param>
internal sealed class SparseTraining(Func<TrainingStep, IReadOnlyDictionary<string, bool[]>> choose) : IParameterEditor
{
    private readonly HeldZeros zeros = new();

    public void Begin(TrainingStep step) => zeros.Set(step, new Dictionary<string, bool[]>(), choose(step));

    public void AfterStep(TrainingStep step, long done, long steps) => zeros.Apply(step);
}
