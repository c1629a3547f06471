using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Canaries;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>What is concluded from what has been seen.</summary>
public sealed class ProbationRuleTests
{
    private static readonly Provenance Sensor = Provenance.Measured("a sensor");

    [Theory]
    [InlineData(0.8, null, true)]
    [InlineData(1.0, null, false)]
    [InlineData(1.2, null, false)]
    [InlineData(1.2, 1.25, true)]
    [InlineData(1.2, 1.15, false)]
    [InlineData(0.8, 0.5, false)]
    public void Latency_must_be_lower_or_within_its_gate(double ratio, double? gate, bool kept)
    {
        DeploymentVerdict verdict = Decide(Seen(ratio), new BundleGates { MaxLatencyRatio = gate });
        Assert.Equal(kept, verdict.IsKept);
        Assert.Equal(ratio, verdict.LatencyRatio!.Median, 9);
    }

    [Theory]
    [InlineData(0.8, null, true)]
    [InlineData(1.1, null, false)]
    [InlineData(1.1, 1.2, true)]
    [InlineData(1.1, 1.05, false)]
    public void Energy_counts_where_it_is_known(double ratio, double? gate, bool kept)
    {
        ProbationEvidence evidence = Seen(0.5);
        for (int i = 0; i < ProbationEvidence.EnergyRounds; i++)
        {
            evidence.AddEnergy(new Joules(ratio), new Joules(1), Sensor);
        }

        DeploymentVerdict verdict = Decide(evidence, new BundleGates { MaxEnergyRatio = gate });
        Assert.Equal(kept, verdict.IsKept);
        Assert.Equal("measured", verdict.EnergyRatio!.Provenance);
        Assert.Contains(verdict.Reasons, r => r.StartsWith("energy (measured)", StringComparison.Ordinal));
    }

    [Fact]
    public void Alternating_order_cancels_the_advantage_of_the_second()
    {
        var evidence = new ProbationEvidence();
        for (int i = 0; i < 100; i++)
        {
            // Equally fast, but whoever runs second takes four fifths of the time.
            evidence.Add(i % 2 == 0 ? 0.8 : 1.25, AnswerOutcome.Alike, isReal: true, isLive: true);
        }

        DeploymentVerdict verdict = Decide(evidence, BundleGates.None);
        Assert.Equal(1, verdict.LatencyRatio!.Median, 9);
        Assert.False(verdict.IsKept);
    }

    [Fact]
    public void A_noisy_ratio_below_one_is_no_improvement_while_its_interval_reaches_one()
    {
        var evidence = new ProbationEvidence();
        var random = new Random(1);
        for (int i = 0; i < 60; i++)
        {
            evidence.Add(0.97 * Math.Exp(random.NextDouble() - 0.5), AnswerOutcome.Alike, isReal: false, isLive: false);
        }

        DeploymentVerdict verdict = Decide(evidence, BundleGates.None);
        Assert.True(verdict.LatencyRatio!.High >= 1);
        Assert.False(verdict.IsKept);
        Assert.Null(verdict.Answers);
    }

    [Theory]
    [InlineData(0.9, true)]
    [InlineData(0.91, false)]
    public void Agreement_counts_real_inputs_alone(double least, bool kept)
    {
        ProbationEvidence evidence = Seen(0.5); // noise, on which all differ
        for (int i = 0; i < 10; i++)
        {
            evidence.Add(0.5, i == 0 ? AnswerOutcome.Different : AnswerOutcome.Alike, isReal: true, isLive: i % 2 == 0);
        }

        DeploymentVerdict verdict = Decide(evidence, new BundleGates { MinAgreement = least });
        Assert.Equal(new AnswerFigure(10, 9), verdict.Answers);
        Assert.Equal(kept, verdict.IsKept);
    }

    [Fact]
    public void Too_few_comparisons_decide_nothing()
    {
        var evidence = new ProbationEvidence();
        for (int i = 0; i < 19; i++)
        {
            evidence.Add(0.5, AnswerOutcome.Alike, isReal: true, isLive: true);
        }

        DeploymentVerdict verdict = ProbationRule.Decide(evidence, new ProbationPlan(BundleGates.None, 40, 20, TimeSpan.FromSeconds(1)), null);
        Assert.False(verdict.IsKept);
        Assert.Contains("fewer than the 20", verdict.Reasons[0], StringComparison.Ordinal);
        Assert.False(Decide(new ProbationEvidence(), new BundleGates { MinRequests = 0 }).IsKept); // no latency, no decision for it
    }

    private static ProbationEvidence Seen(double ratio)
    {
        var evidence = new ProbationEvidence();
        for (int i = 0; i < 40; i++)
        {
            evidence.Add(ratio, AnswerOutcome.Different, isReal: false, isLive: false);
        }

        return evidence;
    }

    private static DeploymentVerdict Decide(ProbationEvidence evidence, BundleGates gates) =>
        ProbationRule.Decide(evidence, new ProbationPlan(gates, 40, gates.MinRequests ?? 20, TimeSpan.FromMinutes(1)), null);
}
