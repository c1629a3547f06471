using EdgePrune.Agent.Canaries;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>Inputs for trying a model where no request brings any: its canaries in turn, or seeded noise.</summary>
internal sealed class TrialInputs : IDisposable
{
    private readonly CanarySet? canaries;
    private readonly NamedValues? synthetic;
    private int next;

    private TrialInputs(CanarySet? canaries, NamedValues? synthetic)
    {
        this.canaries = canaries;
        this.synthetic = synthetic;
    }

    /// <summary>Whether they are what the model is made for, so that its answers mean something.</summary>
    public bool AreReal => canaries is not null;

    /// <param name="canaries">Not disposed; null: there are none.</param>
    /// <param name="session">The model.</param>
    /// <param name="model">Its bytes, for the shapes of inputs that leave them free.</param>
    public static TrialInputs Of(CanarySet? canaries, ModelSession session, Func<OnnxModel> model) =>
        canaries is not null ? new TrialInputs(canaries, null) : new TrialInputs(null, Synthetic(session, model));

    /// <summary>Seeded noise in a shape in which the model runs. The caller disposes it.</summary>
    /// <exception cref="InputException">There is no such shape.</exception>
    public static NamedValues Synthetic(ModelSession session, Func<OnnxModel> model)
    {
        IReadOnlyDictionary<string, long[]>? shapes = session.Inputs.All(i => i.Shape.All(d => d >= 0))
            ? null
            : ShapeProbe.Run(model()).Where(v => session.Inputs.Any(i => i.Name == v.Key)).ToDictionary(v => v.Key, v => v.Value.Dims);
        return SyntheticInputs.Make(session.Inputs, seed: 0, shapes);
    }

    /// <summary>Runs something on the next inputs.</summary>
    public void Use(ModelSession session, Action<NamedValues> run)
    {
        if (synthetic is not null)
        {
            run(synthetic);
            return;
        }

        next = (next + 1) % canaries!.Count;
        using NamedValues inputs = canaries.Inputs(next, session.Inputs);
        run(inputs);
    }

    public void Dispose() => synthetic?.Dispose();
}
