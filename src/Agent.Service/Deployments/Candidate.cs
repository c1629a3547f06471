using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Canaries;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>A model on its way from a bundle into service, with its canaries; what has not been taken goes with this.</summary>
internal sealed class Candidate : IDisposable
{
    private readonly ModelLoader loader;
    private readonly ReceivedBundle bundle;
    private readonly BundleGates gates;
    private readonly bool mustCompare;
    private CanarySet? canaries;
    private ServedModel? model;

    /// <exception cref="Onnx.InputException">The bundle's canaries are not usable.</exception>
    public Candidate(ModelLoader loader, ReceivedBundle bundle, bool mustCompare)
    {
        this.loader = loader;
        this.bundle = bundle;
        this.mustCompare = mustCompare;
        gates = bundle.Manifest.Gates ?? BundleGates.None;
        canaries = bundle.CanaryPath is { } path ? CanarySet.Load(path) : null;
    }

    /// <summary>The request that loads this between the preflight and the switch.</summary>
    public DeployRequest Request(string note) => new()
    {
        Note = note,
        Expected = bundle.Manifest.Model.ModelDigest,
        Canaries = bundle.CanaryPath is { } path ? new PreflightCanaries(path, AnswerRule.Of(gates)) : null,
        BeforeSwitch = Load,
    };

    /// <summary>The loaded model, which is the caller's from now on.</summary>
    public ServedModel Take()
    {
        ServedModel taken = model ?? throw new InvalidOperationException("the model has not been loaded");
        model = null;
        return taken;
    }

    /// <summary>The canaries, which are the caller's from now on; null: there are none.</summary>
    public CanarySet? TakeCanaries()
    {
        CanarySet? taken = canaries;
        canaries = null;
        return taken;
    }

    public void Dispose()
    {
        model?.Leave();
        canaries?.Dispose();
    }

    private void Load(ModelDigest digest) => model = loader.LoadCandidate(digest, canaries, gates, mustCompare);
}
