using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Service.Jobs;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>A probation on a device that tells its energy.</summary>
public sealed class EnergyProbationTests
{
    [Fact]
    public async Task Energy_per_inference_is_compared_in_windows_that_alternate()
    {
        using var host = new ModelHost();
        host.Switch(Load(TrialModels.Slow(2), 1));
        byte[] fast = ServiceFixture.Model(2);
        Trial trial = host.BeginTrial(Load(fast, 2));
        var energy = new CountingEnergy(watts: 3);
        var decided = new TaskCompletionSource<DeploymentVerdict>();
        using var turns = new MeasurementTurns();
        var services = new ProbationServices(host, energy, turns, () => OnnxModel.FromBytes(fast, "fast"), TimeSpan.FromSeconds(10), TimeProvider.System);
        var plan = new ProbationPlan(new BundleGates { MaxEnergyRatio = 0.9 }, 20, 20, TimeSpan.FromMinutes(2));
        using var run = new ProbationRun(trial, plan, services, null, null, decided.SetResult);
        run.Start();
        DeploymentVerdict verdict = await decided.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.True(verdict.IsKept, string.Join("; ", verdict.Reasons));
        Assert.Equal("simulated", verdict.EnergyRatio!.Provenance);
        Assert.InRange(verdict.EnergyRatio.High, 0, 0.9);
        Assert.True(energy.Windows >= 2 * ProbationEvidence.EnergyRounds);
        Assert.True(trial.Model.Stats.Energy!.Median.Value < trial.Incumbent!.Stats.Energy!.Median.Value);
    }

    private static ServedModel Load(byte[] model, byte name) =>
        new(ModelDigest.FromHash([.. Enumerable.Repeat(name, 32)]), ModelSession.Create(model, "a model"));
}
