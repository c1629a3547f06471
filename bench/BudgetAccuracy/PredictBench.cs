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
/// Budgets of energy, each cut once: what the cost table said of the cut model against what is measured, latency on this machine and energy
/// by the sensor's driver of a simulated board. The rounds in which <c>prune</c> corrects its aim are left out.
/// </summary>
internal static class PredictBench
{
    private const int Attempts = 3;

    public static int Run(string folder, int budgets, double sweepSeconds, double latencySeconds, double energySeconds)
    {
        var device = Device.Load("simulated-ina219");
        Console.WriteLine($"{budgets} budgets a network, costs measured for {sweepSeconds} s, then {latencySeconds} s of latency and {energySeconds} s of energy a cut");
        Console.WriteLine("| network | budget | latency predicted | measured (95 %) | error | energy predicted | measured (95 %) | error |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        var errors = new Dictionary<CostMetric, List<double>> { [CostMetric.Latency] = [], [CostMetric.Energy] = [] };
        foreach (string file in (string[])["cifar10/resnet20_cifar10.onnx", "kws/kws_dscnn.onnx", "mlperf/vww_mobilenetv1_025_96.onnx"])
        {
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
                BudgetPlan plan = prepared.Planner.Choose(BudgetRequest.AtMost(CostMetric.Energy, share));
                if (!plan.Choice.Met)
                {
                    Console.WriteLine($"| {file} | {share:P0} | cannot be had | | | | | |");
                    continue;
                }

                OnnxModel cut = prepared.Make(plan, default).Model;
                if (Measure(model, cut, device, latencySeconds, energySeconds) is not { } measured)
                {
                    Console.WriteLine($"| {Path.GetFileNameWithoutExtension(file)} | {share:P0} | the machine was too disturbed to measure | | | | | |");
                    continue;
                }

                Console.WriteLine($"| {Path.GetFileNameWithoutExtension(file)} | {share:P0} | {Figures(CostMetric.Latency, plan, measured.LatencyRatio)} | {Figures(CostMetric.Energy, plan, measured.EnergyRatio)} |");
            }
        }

        foreach ((CostMetric metric, List<double> of) in errors)
        {
            Console.WriteLine(of.Count == 0 ? $"{metric}: nothing measured" : $"{metric.ToString().ToLowerInvariant()}: {of.Count} budgets, error {Order.Median([.. of]):P1} median, {of.Max():P1} worst");
        }

        return 0;

        string Figures(CostMetric metric, BudgetPlan plan, Interval ratio)
        {
            double error = Math.Abs((plan.Share(metric) / ratio.Median) - 1);
            errors[metric].Add(error);
            return $"{plan.Share(metric):P1} | {ratio.Median:P1} ({ratio.Low:P1} to {ratio.High:P1}) | {error:P1}";
        }
    }

    // A simulated board stands in real time: where the machine stands still its sensor seems to.
    private static ModelComparison? Measure(OnnxModel model, OnnxModel cut, Device device, double latencySeconds, double energySeconds)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            try
            {
                using IPowerSource? source = PowerSources.Open(device, PowerSourceContext.ForThisMachine(TimeProvider.System));
                return ModelComparison.RunWith(source, new Seconds(energySeconds), model, cut, device, budget: new Seconds(latencySeconds));
            }
            catch (SensorException e)
            {
                Console.Error.WriteLine(e.Message);
            }
        }

        return null;
    }
}
