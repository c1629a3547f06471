using EdgePrune.Agent.Canaries;
using EdgePrune.Cli.Loop;
using EdgePrune.Cli.Loop.Boards;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests;

/// <summary>What a loop sends along with a model so that the board can tell whether it computes the same there.</summary>
public sealed class LoopCanariesTests : IDisposable
{
    private readonly TempFolder temp = new();

    [Fact]
    public void The_model_itself_passes_them_and_one_with_other_weights_does_not()
    {
        Network(seed: 1).Save(temp.File("model.onnx"));
        Assert.True(LoopCanaries.TryWrite(temp.File("canaries.npz"), temp.File("model.onnx"), Options(), out string problem), problem);

        var rule = AnswerRule.Of(LoopCanaries.Gates);
        using CanarySet canaries = CanarySet.Load(temp.File("canaries.npz"));
        Assert.Equal(4, canaries.Count);
        using ModelSession same = ModelSession.Create(Network(seed: 1));
        Assert.True(canaries.Check(same, rule).Holds(rule));
        using ModelSession other = ModelSession.Create(Network(seed: 2));
        Assert.False(canaries.Check(other, rule).Holds(rule));
    }

    [Fact]
    public void A_model_that_answers_otherwise_each_time_is_sent_without()
    {
        var g = new GraphBuilder(13, seed: 1);
        OnnxModel random = g.Output(g.Node("RandomNormalLike", [g.Input("x", 1, 16)])).Build();
        random.Save(temp.File("model.onnx"));
        Assert.False(LoopCanaries.TryWrite(temp.File("canaries.npz"), temp.File("model.onnx"), Options(), out string problem));
        Assert.Contains("canaries gave the expected outputs", problem, StringComparison.Ordinal);
    }

    public void Dispose() => temp.Dispose();

    private static OnnxModel Network(int seed)
    {
        var g = new GraphBuilder(13, seed);
        return g.Output(g.Linear(g.Relu(g.Linear(g.Input("x", 1, 16), 16, 12)), 12, 4)).Build();
    }

    private LoopOptions Options() => new()
    {
        Model = temp.File("model.onnx"),
        Output = temp.File("pruned.onnx"),
        Run = temp.File("run"),
        Store = temp.File("store"),
        CostTable = temp.File("costs.sqlite"),
        Device = "host",
        EnergyBudget = 70,
        Importance = "taylor",
        MaxAccuracyDrop = 1,
        SweepSeconds = 1,
        ProfileSeconds = null,
        Seed = 0,
        Session = new SessionSettings { Threads = 1 },
    };
}
