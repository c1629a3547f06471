using System.Diagnostics;
using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using EdgePrune.Pruner.Verification;
using Surgery;

if (args is ["make", string kind, string made])
{
    OnnxModel model = kind switch
    {
        "residual" => Networks.Residual(10_000, 16),
        "encoder" => Networks.Encoder(10_000, 32),
        "wide" => Networks.Wide(100_000_000, 1024),
        _ => throw new ArgumentException($"'{kind}' is no kind of network"),
    };
    model.Save(made);
    return 0;
}

if (args is not ["measure", string path, string step, string runs])
{
    Console.Error.WriteLine("make residual|encoder|wide FILE, or measure FILE cut|verify RUNS");
    return 2;
}

// One process a model and step, so that the peak of its memory belongs to nothing else.
int repeats = int.Parse(runs, CultureInfo.InvariantCulture);
List<double> load = [], probe = [], analysis = [], surgery = [], folding = [], verification = [];
long floor = Peak();
double size = new FileInfo(path).Length / 1e6;
int nodes = 0, units = 0;
for (int run = 0; run < repeats; run++)
{
    OnnxModel model = Timed(load, () => OnnxModel.Load(path));
    IReadOnlyDictionary<string, ValueShape> shapes = Timed(probe, () => ShapeProbe.Run(model));
    CouplingResult coupling = Timed(analysis, () => CouplingAnalysis.Run(model, shapes));
    int[] removed = [.. coupling.Groups.SelectMany(g => g.Units.Take(g.Units.Count / 2)).Select(u => u.Id)];
    OnnxModel pruned = Timed(surgery, () => ModelSurgeon.Apply(model, coupling, removed));
    (nodes, units) = (model.Graph.Node.Count, coupling.Units.Count);
    if (step == "verify")
    {
        Timed(folding, () => ModelSurgeon.Apply(model, coupling, removed, new SurgeryOptions { Constants = ConstantHandling.FoldPadded }));
        var plan = PruningPlan.Of(model, coupling, removed);
        EquivalenceReport report = Timed(verification, () => MaskedEquivalence.Check(model, pruned, plan, randomInputs: 1));
        if (!report.Ok)
        {
            Console.Error.WriteLine($"{path}: {report}");
            return 1;
        }
    }
}

string Cell(List<double> times) => times.Count == 0 ? "" : Number(times.Order().ElementAt(times.Count / 2), 3);
string Number(double value, int digits) => value.ToString($"F{digits}", CultureInfo.InvariantCulture);
double peak = (Peak() - floor) / 1e6;
Console.WriteLine(
    $"| {Path.GetFileNameWithoutExtension(path)} | {step} | {nodes} | {units} | {Number(size, 1)} | {Cell(load)} | {Cell(probe)} | {Cell(analysis)} | {Cell(surgery)} | {Cell(folding)} | {Cell(verification)} | {Number(peak, 0)} | {Number(peak / size, 1)} |");
return 0;

static T Timed<T>(List<double> times, Func<T> act)
{
    long start = Stopwatch.GetTimestamp();
    T result = act();
    times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
    return result;
}

static long Peak()
{
    using var self = Process.GetCurrentProcess();
    return self.PeakWorkingSet64;
}
