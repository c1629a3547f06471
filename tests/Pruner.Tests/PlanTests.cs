using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.TestSupport;

namespace Pruner.Tests;

public sealed class PlanTests
{
    private static readonly OnnxModel Model = GraphShapes.Find("residual").Build();
    private static readonly CouplingResult Coupling = CouplingAnalysis.Run(Model);

    [Fact]
    public void A_plan_read_back_cuts_the_same_bytes()
    {
        using var folder = new TempFolder();
        int[] removed = RandomUnits.Choose(Coupling, 4);
        PruningPlan.Of(Model, Coupling, removed).Save(folder.File("plan.json"));
        OnnxModel again = ModelSurgeon.Apply(Model, PruningPlan.Load(folder.File("plan.json")));
        Assert.Equal(ModelSurgeon.Apply(Model, Coupling, removed).ToBytes(), again.ToBytes());
    }

    [Fact]
    public void Every_slice_of_a_plan_names_tensor_axis_indices_and_role()
    {
        string json = PruningPlan.Of(Model, Coupling, [0]).ToJson();
        foreach (string word in new[] { "\"tensor\"", "\"axis\"", "\"indices\"", "\"role\"", "\"output\"", "\"input\"", "\"parameter\"" })
        {
            Assert.Contains(word, json, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_plan_for_another_model_is_refused()
    {
        PruningPlan plan = PruningPlan.Of(Model, Coupling, [0]);
        InputException refused = Assert.Throws<InputException>(() => ModelSurgeon.Apply(GraphShapes.Find("concat").Build(), plan));
        Assert.Contains("was made for the model", refused.Message, StringComparison.Ordinal);
        Assert.Contains(plan.ModelDigest, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"format\":\"edgeprune-plan/1\"}")]
    [InlineData("{\"format\":\"other/9\",\"model_digest\":\"x\",\"units\":[]}")]
    [InlineData("{\"format\":\"edgeprune-plan/1\",\"model_digest\":\"x\",\"units\":[],\"extra\":1}")]
    [InlineData("{\"format\":\"edgeprune-plan/1\",\"model_digest\":\"x\",\"units\":null}")]
    [InlineData("{\"format\":\"edgeprune-plan/1\",\"model_digest\":\"x\",\"units\":[null]}")]
    [InlineData("{\"format\":\"edgeprune-plan/1\",\"model_digest\":\"x\",\"units\":[],\"blocks\":[null]}")]
    [InlineData("{\"format\":\"edgeprune-plan/1\",\"model_digest\":\"x\",\"units\":[],\"weights\":[null]}")]
    [InlineData("{\"format\":\"edgeprune-plan/1\",\"model_digest\":\"x\",\"units\":[{\"unit\":0,\"group\":0,\"slices\":[null]}]}")]
    [InlineData("{\"format\":\"edgeprune-plan/1\",\"model_digest\":\"x\",\"units\":[{\"unit\":0,\"group\":0,\"slices\":null}]}")]
    public void What_is_no_plan_is_refused(string text)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("plan.json"), text);
        InputException refused = Assert.Throws<InputException>(() => PruningPlan.Load(folder.File("plan.json")));
        Assert.Contains("plan.json", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_whose_slices_were_altered_is_refused()
    {
        PruningPlan plan = PruningPlan.Of(Model, Coupling, [0]);
        RemovedUnit unit = plan.Units[0];
        PruningPlan altered = plan with { Units = [unit with { Slices = [unit.Slices[0] with { Indices = [5] }, .. unit.Slices.Skip(1)] }] };
        Assert.Throws<InputException>(() => ModelSurgeon.Apply(Model, altered));
    }

    [Fact]
    public void A_plan_that_removes_a_unit_twice_is_refused()
    {
        PruningPlan plan = PruningPlan.Of(Model, Coupling, [0]);
        Assert.Throws<InputException>(() => ModelSurgeon.Apply(Model, plan with { Units = [plan.Units[0], plan.Units[0]] }));
    }

    [Fact]
    public void A_pipe_in_place_of_a_plan_is_refused_without_waiting()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no named pipes in folders");
        using var folder = new TempFolder();
        using (var made = System.Diagnostics.Process.Start("mkfifo", [folder.File("plan.json")]))
        {
            made.WaitForExit();
        }

        Assert.Throws<InputException>(() => PruningPlan.Load(folder.File("plan.json")));
    }
}
