using EdgePrune.Onnx;
using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Schedules;

/// <summary>Masks that grow by <see cref="CubicSparsity"/>: units towards the budget, single weights towards their share.</summary>
internal sealed class GradualMasks(ScheduleContext context, WeightShare? weights) : MaskEditor(context)
{
    protected override void Change(TrainingStep step, long done, long steps)
    {
        long interval = Context.Options.Schedule.Interval;
        // The last change falls on a multiple of the interval, and reaches the end of the way.
        long last = Math.Max(interval, LastChange(steps) / interval * interval);
        Grow(step, new CubicSparsity(0, 1, 0, last).At(done), done);
    }

    // Where the interval is longer than the training, all goes at the end.
    protected override void Finish(TrainingStep step, long steps)
    {
        if (Stages.Count == 0)
        {
            Grow(step, 1, steps);
        }
    }

    private void Grow(TrainingStep step, double progress, long done)
    {
        OnnxModel present = step.ToModel();
        HashSet<int> units = Context.Next(Scores(present), Masked, Context.Budget.At(progress));
        Set(step, units, weights?.Smallest(step, Elements.Of(units, MaskElements.All), progress) ?? new Dictionary<string, bool[]>(), done);
    }
}
