using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Search;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;

namespace EdgePrune.Bench.BudgetAccuracy;

/// <summary>
/// The same scores, the same fit, twice: units chosen by multiply-accumulates alone, and by measured latency at no less accuracy on
/// held-out training images. Both models are then judged once on the test images and measured against each other, interleaved.
/// </summary>
internal static class MacsBench
{
    public static int Run(string folder, double share, int samples, double sweepSeconds, double compareSeconds)
    {
        var device = Device.Load("host");
        Console.WriteLine($"{share:P0} of the MACs; scored and fitted on {samples} of 12,000 training images, held out are 3,000 others, tested once on 10,000 test images");
        Console.WriteLine("| network | chosen by | MACs | held out | test | latency of ours / of MACs only (95 %) | energy (modelled) |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (string name in (string[])["resnet8", "resnet20", "resnet56"])
        {
            OnnxModel model = OnnxModel.Load(Path.Combine(folder, "cifar10", name + "_cifar10.onnx"));
            // ResNet-8 takes pixels as they are; the others as the manifest beside the images says.
            var reading = new DatasetOptions { IgnoreManifest = name == "resnet8" };
            Dataset train = Dataset.Load(Path.Combine(folder, "cifar10", "train_15000.npz"), reading).Shuffle(99);
            Dataset test = Dataset.Load(Path.Combine(folder, "cifar10", "test_10000.npz"), reading);
            Dataset held = train.Subset(Enumerable.Range(train.Count - 3000, 3000));
            Dataset learned = train.Take(train.Count - 3000);
            var data = new CalibrationData(learned, samples);
            var options = new PruneOptions
            {
                Budget = BudgetRequest.AtMost(CostMetric.Macs, share),
                Device = device,
                Scoring = new ScoringOptions { Criterion = "reconstruction", Data = data },
                Reconstruction = new ReconstructionOptions(),
                Calibration = data,
                HeldOut = held,
                SweepBudget = new Seconds(sweepSeconds),
                CompareBudget = new Seconds(1),
            };
            var prepared = PreparedPruning.Of(SchedulePreparation.Run(model, options, default), null, default);
            PruneCandidate macs = prepared.Make(prepared.Planner.Choose(options.Budget), default);
            double floor = FloorSearch.Accuracy(macs.Model, options, held, default);
            PruneOptions ours = options with { Budget = BudgetRequest.AtMost(CostMetric.Latency, 1), Floor = new AccuracyFloor(floor, IsDrop: false) };
            PruneResult result = FloorSearch.Run(prepared.Fitting(ours), ours.Floor, null, default);
            var compared = ModelComparison.Run(macs.Model, result.Model, device, budget: new Seconds(compareSeconds));
            Console.WriteLine($"| {name} | | | {FloorSearch.Accuracy(model, options, held, default):P2} | {Test(model, test):P2} | | |");
            Console.WriteLine($"| {name} | MACs | {macs.Plan.Share(CostMetric.Macs):P1} | {floor:P2} | {Test(macs.Model, test):P2} | 1 | 1 |");
            Console.WriteLine(
                $"| {name} | measured latency | {result.Budget.Share(CostMetric.Macs):P1} | {FloorSearch.Accuracy(result.Model, options, held, default):P2} | {Test(result.Model, test):P2} | "
                + $"{compared.LatencyRatio.Median:F3} ({compared.LatencyRatio.Low:F3} to {compared.LatencyRatio.High:F3}) | {compared.EnergyRatio.Median:F3} ({compared.EnergyRatio.Low:F3} to {compared.EnergyRatio.High:F3}) |");
        }

        return 0;

        static double Test(OnnxModel candidate, Dataset test)
        {
            using ModelSession session = ModelSession.Create(candidate, new SessionSettings { Threads = Environment.ProcessorCount });
            return Evaluator.Run(session.Session, test, 100).Accuracy;
        }
    }
}
