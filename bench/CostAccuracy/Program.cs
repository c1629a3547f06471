using System.Diagnostics;
using System.Globalization;
using EdgePrune.Bench.CostAccuracy;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Timing;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;

if (args.Length < 2)
{
    Console.Error.WriteLine("usage: cost-accuracy MODEL.onnx TABLE.sqlite [NETWORKS [SECONDS]]");
    return 2;
}

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int networks = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 20;
double seconds = args.Length > 3 ? double.Parse(args[3], CultureInfo.InvariantCulture) : 60;
OnnxModel model = OnnxModel.Load(args[0]);
CouplingResult coupling = Pruning.Units(model);
var resizer = new BlockResizer(coupling);
var options = new SweepOptions { Device = Device.Load("host"), Store = args[1], Budget = new Seconds(seconds) };
long start = Stopwatch.GetTimestamp();
CostTable costs = CostSweep.Run(model, resizer, options);
double swept = Stopwatch.GetElapsedTime(start).TotalSeconds;
Console.WriteLine($"swept in {swept:F0} s; network {costs.Network.Median * 1e3:F3} ms, composed {costs.Residual * 100:+0.0;-0.0} % off");
if (costs.Error() is { } error)
{
    Console.WriteLine($"held out: median {error.Median * 100:F1} %, worst {error.Worst * 100:F1} % at {error.Count} widths (their own noise ±{error.Noise * 100:F1} %, nothing where some were read once)");
    double[] large = [.. costs.Layers.Where(l => costs.Surfaces[l.Block.Key].Error is not null && Full(l) >= costs.Network.Median * 0.01)
        .DistinctBy(l => l.Block.Key).Select(l => costs.Surfaces[l.Block.Key].Error!.Worst)];
    Console.WriteLine($"  of layers with at least 1 % of the latency ({large.Length} different ones): worst {large.Max() * 100:F1} %");
    foreach (CostLayer layer in costs.Layers.DistinctBy(l => l.Block.Key)
        .Where(l => costs.Surfaces[l.Block.Key].Error is not null).OrderByDescending(l => costs.Surfaces[l.Block.Key].Error!.Worst).Take(3))
    {
        HeldOutError own = costs.Surfaces[layer.Block.Key].Error!;
        Console.WriteLine($"  {layer.Layer.Name}, {Full(layer) * 1e6:F1} µs at full width: median {own.Median * 100:F1} %, worst {own.Worst * 100:F1} % at {own.Count} widths");
    }
}

foreach (string note in costs.Notes)
{
    Console.WriteLine($"note: {note}");
}

Dictionary<CostLayer, IReadOnlyList<LayerWidth>> widths = costs.Layers.ToDictionary(l => l, l => resizer.WidthsOf(l.Block.Model));
if (networks == 0)
{
    return 0;
}

var errors = new List<double>();
Console.WriteLine();
Console.WriteLine("| network | units kept | latency left, predicted | measured | error |");
Console.WriteLine("|---|---|---|---|---|");
for (int i = 0; i < networks; i++)
{
    RandomNetwork random = RandomNetwork.Draw(coupling, i);
    OnnxModel pruned = ModelSurgeon.Apply(model, coupling, random.Removed);
    double predicted = costs.PredictNetwork(layer => [.. widths[layer].Select(w => w.At(random.Kept))]).Time.Value / costs.Network.Median;
    double measured = LatencyComparison.Run(model, pruned, budget: new Seconds(1.5)).Ratio.Median;
    errors.Add(Math.Abs((predicted / measured) - 1));
    Console.WriteLine($"| {i} ({(random.IsAligned ? "aligned" : "any width")}) | {random.Share * 100:F0} % | {predicted * 100:F1} % | {measured * 100:F1} % | {((predicted / measured) - 1) * 100:+0.0;-0.0} % |");
}

errors.Sort();
double median = (errors[(errors.Count - 1) / 2] + errors[errors.Count / 2]) / 2;
Console.WriteLine();
Console.WriteLine($"{errors.Count} random networks: median error {median * 100:F1} %, worst {errors[^1] * 100:F1} %");
return 0;

// Seconds at full width.
double Full(CostLayer layer) => costs.Predict(layer.Block.Key, layer.Block.FullWidths).Time.Value;
