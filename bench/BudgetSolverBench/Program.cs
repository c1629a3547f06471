using System.Diagnostics;
using System.Globalization;
using BudgetSolverBench;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;

// Times and bounds of the budget solver on the layers of ResNet-50, with costs that are made up: MACs in stairs of sixteen channels, and a
// penalty for widths between them. Scores are random: a convex sum over the units of each group, as any criterion gives.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
OnnxModel model = BottleneckNetwork.Make();
IReadOnlyDictionary<string, ValueShape> shapes = ShapeProbe.Run(model);
CouplingResult coupling = CouplingAnalysis.Run(model, shapes);
var paper = PaperCosts.Of(model, coupling, shapes);
CostTerm[] terms = [.. paper.Terms.Select(t => t.Node is null ? t.Term : Staircase(t.Term))];
Console.WriteLine($"{coupling.Units.Count} units in {coupling.Groups.Count} groups, {terms.Length} cost terms, {paper.Moments.Count} moments of memory");
Console.WriteLine("| limits | seed | seconds | met | lost | proven at least | gap |");
Console.WriteLine("|---|---|---|---|---|---|---|");
foreach ((string name, (CostMetric, double)[] limits) in new (string, (CostMetric, double)[])[]
{
    ("latency 75 %", [(CostMetric.Latency, 0.75)]),
    ("latency 50 %", [(CostMetric.Latency, 0.5)]),
    ("latency 30 %", [(CostMetric.Latency, 0.3)]),
    ("latency 60 %, energy 55 %, size 50 %", [(CostMetric.Latency, 0.6), (CostMetric.Energy, 0.55), (CostMetric.Size, 0.5)]),
    ("latency 60 %, memory 70 %", [(CostMetric.Latency, 0.6), (CostMetric.Memory, 0.7)]),
})
{
    for (int seed = 0; seed < 3; seed++)
    {
        var random = new Random(seed);
        double[] scores = [.. coupling.Units.Select(_ => Math.Pow(random.NextDouble(), 2))];
        // A solver of its own each time, so that nothing is known from before.
        var space = new BudgetSpace(coupling, scores, [.. paper.Terms.Select(t => t.Node is null ? t.Term : Staircase(t.Term))])
        {
            Values = [.. paper.Values.Select(v => v.Term)],
            Moments = paper.Moments,
        };
        var watch = Stopwatch.StartNew();
        var solver = new BudgetSolver(space);
        LayerCost full = solver.Full;
        BudgetChoice choice = solver.Solve([.. limits.Select(l => new BudgetLimit(l.Item1, l.Item2 * (l.Item1 == CostMetric.Memory ? paper.At().MemoryBytes : full.Of(l.Item1))))]);
        Console.WriteLine($"| {name} | {seed} | {watch.Elapsed.TotalSeconds:F1} | {choice.Met} | {choice.LostImportance:F1} | {choice.LostAtLeast:F1} | {choice.Gap:P2} |");
    }
}

static CostTerm Staircase(CostTerm counted) => new(counted.Widths, at =>
{
    int[] padded = [.. at.Select(w => (w + 15) / 16 * 16)];
    double macs = counted.AtWidths(padded).Macs;
    bool aligned = at.All(w => w % 16 == 0);
    return new LayerCost(macs * (aligned ? 1 : 1.3), (macs * 0.7) + (counted.AtWidths(at).Macs * 0.3), Macs: counted.AtWidths(at).Macs);
});
