using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;

namespace Pruner.Tests.Schedules;

/// <summary>Schedules on small models, with a share of the units or counted costs as the budget: no device, nothing measured.</summary>
internal static class SmallSchedules
{
    public static string Digits { get; } = Path.Combine(Repository.Root, "samples", "digits");

    public static OnnxModel DigitsModel() => OnnxModel.Load(Path.Combine(Digits, "digits.onnx"));

    public static Dataset DigitsData(int count = 320) => Dataset.Load(Path.Combine(Digits, "train.npz")).Take(count);

    public static PruneOptions Options(double ratio, ScheduleOptions? schedule = null, RecoveryOptions? recovery = null) => new()
    {
        Budget = BudgetRequest.Remove(ratio),
        Device = Device.Load("host"),
        Schedule = schedule ?? new ScheduleOptions(),
        Recovery = recovery,
    };

    /// <summary>The context of a schedule whose budget is a share of the units.</summary>
    public static ScheduleContext Context(OnnxModel model, PruneOptions options)
    {
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
        CouplingResult coupling = CouplingAnalysis.Run(model, shapes);
        GroupBounds bounds = GroupBounds.Of(coupling, options.Layers, BudgetSolver.Floor);
        PaperCosts paper = PaperCosts.Of(model, coupling, shapes);
        double[] scores = UnitScoring.Score(
            new ImportanceContext(model, coupling) { Seed = options.Seed, Data = options.Calibration }, options.Scoring);
        var context = new ScheduleContext(
            model, coupling, bounds, new StagedBudget(new Dictionary<CostMetric, double>(), options.Budget.Ratio),
            (by, within, request) => new BudgetSolver(paper.Space(by) with { Bounds = within }).Share(request.Ratio).Removed, options)
        {
            Initial = scores,
            Fits = removed => removed.Count >= (options.Budget.Ratio * coupling.Units.Count) - 1e-9,
            Cancellation = TestContext.Current.CancellationToken,
        };
        return context;
    }

    /// <summary>Outputs of a model for rows of one input.</summary>
    public static float[] Run(OnnxModel model, Dataset data)
    {
        using ModelSession session = ModelSession.Create(model);
        using DatasetBatch batch = data.Batch(0, data.Count, session.Inputs);
        using NamedValues values = session.Run(batch.Values);
        return values[session.OutputNames[0]].GetTensorDataAsSpan<float>().ToArray();
    }

    public static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double range = expected.Max() - (double)expected.Min();
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.InRange(Math.Abs(expected[i] - actual[i]), 0, tolerance * range);
        }
    }
}
