using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Training.Loop;
using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Schedules;

/// <summary>Holds units and weights at zero while a model is trained, and changes every Δt steps which.</summary>
internal abstract class MaskEditor(ScheduleContext context) : IParameterEditor
{
    private readonly HashSet<int> masked = [];
    private MaskElements? elements;

    /// <summary>Units that are masked.</summary>
    public IReadOnlySet<int> Masked => masked;

    public List<ScheduleStage> Stages { get; } = [];

    protected ScheduleContext Context => context;

    protected HeldZeros Zeros { get; } = new();

    protected MaskElements Elements => elements ?? throw new InvalidOperationException("the training has not begun");

    /// <summary>The last step at which masks change.</summary>
    protected long LastChange(long steps) => Math.Max(1, (long)(steps * context.Options.Schedule.MaskedUntil));

    public virtual void Begin(TrainingStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        elements = new MaskElements(context.Coupling, step.Parameters.ToHashSet(StringComparer.Ordinal));
    }

    public void AfterStep(TrainingStep step, long done, long steps)
    {
        ArgumentNullException.ThrowIfNull(step);
        Zeros.Apply(step);
        if (done % context.Options.Schedule.Interval == 0 && done <= LastChange(steps))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            Change(step, done, steps);
        }
        else if (done == steps)
        {
            Finish(step, steps);
        }
    }

    /// <summary>Changes the masks.</summary>
    protected abstract void Change(TrainingStep step, long done, long steps);

    /// <summary>Called after the last step, where masks do not change at it anyway.</summary>
    protected virtual void Finish(TrainingStep step, long steps)
    {
    }

    /// <summary>Masks these units and weights from now on.</summary>
    /// <exception cref="InputException">A unit cannot be masked by the parameters that are trained.</exception>
    protected void Set(TrainingStep step, IReadOnlySet<int> units, IReadOnlyDictionary<string, bool[]> weights, long done)
    {
        if (units.FirstOrDefault(u => !Elements.CanMask(context.Coupling.Units[u]), -1) is >= 0 and int bad)
        {
            throw new InputException(
                $"unit {bad} ('{Printable.Name(context.Coupling.Units[bad].Slices[0].Tensor)}') cannot be held at zero while the model is trained: not all of its weights are trained. Protect its layer, or take another schedule");
        }

        int added = units.Count(u => !masked.Contains(u)), restored = masked.Count(u => !units.Contains(u));
        Zeros.Set(step, Elements.Of(units, MaskElements.All), weights);
        masked.Clear();
        masked.UnionWith(units);
        Stages.Add(new ScheduleStage(done, masked.Count, added, restored, Zeros.ZeroWeights));
    }

    /// <summary>Scores of the units in the training's present model.</summary>
    protected double[] Scores(OnnxModel present) => ScheduleContext.WithGone(
        context.Score(present, CouplingAnalysis.Run(present, context.Coupling.Context.Shapes, context.Options.Coupling)), masked);
}
