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

    /// <summary>The context of a schedule whose budget is a share of the units or of the multiply-accumulates.</summary>
    public static ScheduleContext Context(OnnxModel model, PruneOptions options)
    {
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
        CouplingResult coupling = CouplingAnalysis.Run(model, shapes);
        GroupBounds bounds = GroupBounds.Of(coupling, options.Layers, BudgetSolver.Floor);
        PaperCosts paper = PaperCosts.Of(model, coupling, shapes);
        double[] scores = UnitScoring.Score(
            new ImportanceContext(model, coupling) { Seed = options.Seed, Data = options.Calibration }, options.Scoring);
        Dictionary<CostMetric, double> shares = options.Budget.Targets.ToDictionary(t => t.Metric, t => t.Value);
        return new ScheduleContext(model, coupling, bounds, new StagedBudget(shares, options.Budget.Ratio), Choose, options)
        {
            Initial = scores,
            Fits = removed => shares.Count > 0
                ? MacsLeft(paper, coupling, removed) <= shares[CostMetric.Macs] * (1 + 1e-9)
                : removed.Count >= (options.Budget.Ratio * coupling.Units.Count) - 1e-9,
            Cancellation = TestContext.Current.CancellationToken,
        };
        IReadOnlyList<int> Choose(IReadOnlyList<double> by, GroupBounds within, BudgetRequest request)
        {
            var solver = new BudgetSolver(paper.Space(by) with { Bounds = within });
            return request.Targets.Count == 0
                ? solver.Share(request.Ratio).Removed
                : solver.Solve([new BudgetLimit(CostMetric.Macs, request.Targets[0].Value * paper.At().Macs)]).Removed;
        }
    }

    /// <summary>Share of the multiply-accumulates that is left.</summary>
    public static double MacsLeft(OnnxModel model, IReadOnlyCollection<int> removed)
    {
        IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
        CouplingResult coupling = CouplingAnalysis.Run(model, shapes);
        return MacsLeft(PaperCosts.Of(model, coupling, shapes), coupling, removed);
    }

    private static double MacsLeft(PaperCosts paper, CouplingResult coupling, IReadOnlyCollection<int> removed) =>
        paper.At([.. coupling.Groups.Select(g => g.Units.Count(u => !removed.Contains(u.Id)))]).Macs / paper.At().Macs;

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
