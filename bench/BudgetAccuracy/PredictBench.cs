using System.Runtime.InteropServices;
using EdgePrune.Onnx;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Search;

namespace EdgePrune.Bench.BudgetAccuracy;

/// <summary>
/// Budgets of energy: what was said of the cut model against what is measured, latency on this machine and energy by the sensor's driver of a
/// simulated board. By the cost table alone first; then, as <c>prune</c> does in its second round, by the table corrected by that measurement.
/// </summary>
internal static class PredictBench
{
    private const int Attempts = 3;

    // Of the blocks of a measurement; with fewer a neighbour was there for most of it.
    private const double Quiet = 0.5;

    public static int Run(string folder, int budgets, double sweepSeconds, double latencySeconds, double energySeconds)
    {
        var device = Device.Load("simulated-ina219");
        Console.WriteLine($"{budgets} budgets a network, costs measured for {sweepSeconds} s, then {latencySeconds} s of latency and {energySeconds} s of energy a cut");
        Console.WriteLine("| network | budget | predicted by | latency predicted | measured (95 %) | error | energy predicted | measured (95 %) | error |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|---|");
        var alone = new Dictionary<CostMetric, List<double>>();
        var corrected = new Dictionary<CostMetric, List<double>>();
        foreach (string file in (string[])["cifar10/resnet20_cifar10.onnx", "kws/kws_dscnn.onnx", "mlperf/vww_mobilenetv1_025_96.onnx"])
        {
            string name = Path.GetFileNameWithoutExtension(file);
            OnnxModel model = OnnxModel.Load(Path.Combine(folder, file));
            var options = new PruneOptions
            {
                Budget = BudgetRequest.AtMost(CostMetric.Energy, 0.9),
                Device = device,
                SweepBudget = new Seconds(sweepSeconds),
            };
            var prepared = PreparedPruning.Of(SchedulePreparation.Run(model, options, default), null, default);
            for (int i = 0; i < budgets; i++)
            {
                double share = 0.95 - (0.55 * i / Math.Max(1, budgets - 1));
                // As prune does: a cut is measured, the plan is made again with what the table was wrong by, and what that plan predicts
                // is measured by itself.
                var request = BudgetRequest.AtMost(CostMetric.Energy, share);
                BudgetPlan first = prepared.Planner.Choose(request);
                if (Measure(model, prepared.Make(first, default).Model, device, latencySeconds, energySeconds) is not { } tried)
                {
                    Console.WriteLine($"| {name} | {share:P0} | the machine was too disturbed to measure | | | | | | |");
                    continue;
                }

                PredictionCorrection known = PredictionCorrection.None.With(CostMetric.Latency, first.TableShare(CostMetric.Latency), tried.LatencyRatio.Median)
                    .With(CostMetric.Energy, first.TableShare(CostMetric.Energy), tried.EnergyRatio.Median);
                BudgetPlan plan = prepared.Planner.Choose(request, known);
                if (!plan.Choice.Met)
                {
                    Console.WriteLine($"| {name} | {share:P0} | cannot be had | | | | | | |");
                    continue;
                }

                if (Measure(model, prepared.Make(plan, default).Model, device, latencySeconds, energySeconds) is not { } measured)
                {
                    Console.WriteLine($"| {name} | {share:P0} | the machine was too disturbed to measure | | | | | | |");
                    continue;
                }

                Console.WriteLine($"| {name} | {share:P0} | table alone | {Figures(CostMetric.Latency, first, tried.LatencyRatio, alone)} | {Figures(CostMetric.Energy, first, tried.EnergyRatio, alone)} |");
                Console.WriteLine($"| | | after one measured cut | {Figures(CostMetric.Latency, plan, measured.LatencyRatio, corrected)} | {Figures(CostMetric.Energy, plan, measured.EnergyRatio, corrected)} |");
            }
        }

        Summary("table alone", alone);
        Summary("after one measured cut", corrected);
        return 0;

        static void Summary(string what, Dictionary<CostMetric, List<double>> errors)
        {
            foreach ((CostMetric metric, List<double> of) in errors.Where(e => e.Value.Count > 0))
            {
                Console.WriteLine($"{what}, {metric.ToString().ToLowerInvariant()}: {of.Count} budgets, error {Order.Median([.. of]):P1} median, {of.Max():P1} worst");
            }
        }

        static string Figures(CostMetric metric, BudgetPlan plan, Interval ratio, Dictionary<CostMetric, List<double>> errors)
        {
            double error = Math.Abs((plan.Share(metric) / ratio.Median) - 1);
            (CollectionsMarshal.GetValueRefOrAddDefault(errors, metric, out _) ??= []).Add(error);
            return $"{plan.Share(metric):P1} | {ratio.Median:P1} ({ratio.Low:P1} to {ratio.High:P1}) | {error:P1}";
        }
    }

    // Once more where a neighbour was there for most of the time, or where the machine stood still and so the sensor of the simulated board,
    // which stands in real time.
    private static ModelComparison? Measure(OnnxModel model, OnnxModel cut, Device device, double latencySeconds, double energySeconds)
    {
        ModelComparison? best = null;
        for (int attempt = 0; attempt < Attempts && !(best?.QuietShare >= Quiet); attempt++)
        {
            try
            {
                using IPowerSource? source = PowerSources.Open(device, PowerSourceContext.ForThisMachine(TimeProvider.System));
                var measured = ModelComparison.RunWith(source, new Seconds(energySeconds), model, cut, device, budget: new Seconds(latencySeconds));
                best = best is null || measured.QuietShare > best.QuietShare ? measured : best;
            }
            catch (SensorException e)
            {
                Console.Error.WriteLine(e.Message);
            }
        }

        return best;
    }
}
