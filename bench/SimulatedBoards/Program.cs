using System.Globalization;
using EdgePrune.Bench.SimulatedBoards;
using EdgePrune.Profiler.Statistics;

// Simulated boards with known truth, measured through the drivers of real sensors: how far off are the energies of layers, and do
// the stated intervals hold the truth? Arguments: first seed, number of boards, a sensor for all of them.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int first = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 1;
int boards = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 24;
(string Part, double Budget)[] sensors =
    [("ina219", 240), ("ina226", 240), ("ina3221", 240), ("hwmon", 240), ("rapl", 240), ("ina219", 240), ("ina226", 240), ("rpi5-pmic", 900)];

Console.WriteLine("| board | sensor | supply filter | gain error | layers | layer times | power | median error | worst ≥ 1 % | closure | in 95 % interval |");
Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
var trials = new List<BoardTrial>();
for (int seed = first; seed < first + boards; seed++)
{
    (string part, double budget) = args.Length > 2 ? sensors.First(s => s.Part == args[2]) : sensors[(seed - 1) % sensors.Length];
    var truth = SimulatedTruth.Random(seed);
    BoardTrial trial = BoardTrial.Run(truth, part, budget);
    trials.Add(trial);
    double[] times = [.. truth.Layers.Select(l => l.Time.Microseconds)];
    double[] powers = [.. truth.Layers.Select(l => l.Power.Value)];
    string figures = trial.Result.Invalid is { } invalid
        ? $"invalid: {invalid} | | | "
        : $"{trial.MedianError:P2} | {trial.WorstError:P2} | {trial.Result.DynamicResidual.Median:P2} | {trial.Inside} of {trial.Intervals}";
    Console.WriteLine(
        $"| {seed} | {part} | {(truth.Physics.SupplyFilter.Value > 0 ? "1 ms" : "none")} | {(trial.Gain == 0 ? "" : $"{trial.Gain:F2} %")} | {truth.Layers.Length} | {times.Min():F0}–{times.Max():F0} µs | {powers.Min():F1}–{powers.Max():F1} W | {figures} |");
}

BoardTrial[] valid = [.. trials.Where(t => t.Result.Invalid is null)];
Console.WriteLine();
Console.WriteLine($"{valid.Length} of {trials.Count} boards valid");
Console.WriteLine($"median error of a layer's energy, median of the boards: {Order.Median([.. valid.Select(t => t.MedianError)]):P2}, worst board {valid.Max(t => t.MedianError):P2}");
Console.WriteLine($"worst layer with at least 1 % of the energy: {valid.Max(t => t.WorstError):P2}");
Console.WriteLine($"largest closure residual: {valid.Max(t => Math.Abs(t.Result.DynamicResidual.Median)):P2}");
int inside = valid.Sum(t => t.Inside);
int all = valid.Sum(t => t.Intervals);
Console.WriteLine($"intervals that hold the truth: {inside} of {all}, {(double)inside / all:P1}");
