using EdgePrune.Profiler.Energy.Measurement;
using EdgePrune.Bench.SimulatedBoards;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Energy;

public class EnergyMeasurementTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Energies_of_layers_are_those_that_the_board_spent(int seed)
    {
        var truth = SimulatedTruth.Random(seed);
        EnergyMeasurementResult result = Measure(truth, 120, 1e-3, 0.003);
        Assert.Null(result.Invalid);
        double all = truth.Layers.Sum(l => l.Energy.Value);
        var errors = new List<double>();
        int inside = 0;
        for (int i = 0; i < truth.Layers.Length; i++)
        {
            double e = truth.Layers[i].Energy.Value;
            var found = result.Layers[i]!.Figure.Dynamic;
            double error = (found.Median / e) - 1;
            inside += found.Low <= e && e <= found.High ? 1 : 0;
            if (e > 0.01 * all)
            {
                errors.Add(Math.Abs(error));
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{result.Plan}; {result.Took}; median {EdgePrune.Profiler.Statistics.Order.Median([.. errors]):P2} worst {errors.Max():P2} inside {inside}/{truth.Layers.Length} closure {result.DynamicResidual.Median:P2} [{result.DynamicResidual.Low:P2} {result.DynamicResidual.High:P2}] total {result.TotalResidual.Median:P2} cond {result.Condition:F1} prec {result.Precision:P2} discarded {result.Windows.Discarded}");
        Assert.True(errors.Max() < 0.05, $"{errors.Max():P1}");
    }

    private static EnergyMeasurementResult Measure(SimulatedTruth truth, double budget, double period, double noise)
    {
        var time = new VirtualTime();
        var board = new SimulatedBoard(truth.Physics, time, truth.Seed);
        var workload = new SimulatedWorkload(board, time, truth.Layers, truth.Overhead, truth.Physics.TimeJitter, truth.Seed);
        using var source = IdealSensor.Source(board, time, period, noise: noise);
        return new EnergyMeasurement(workload, source, time, new EnergyMeasurementOptions { Budget = new Seconds(budget), Seed = truth.Seed }).Run();
    }
}
