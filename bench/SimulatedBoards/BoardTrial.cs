using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Energy.Measurement;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Bench.SimulatedBoards;

/// <summary>One truth measured with one sensor, and how far the figures are from the truth.</summary>
internal sealed record BoardTrial(
    SimulatedTruth Truth, string Part, double Budget, EnergyMeasurementResult Result, double MedianError, double WorstError, int Inside, int Intervals, double Gain)
{
    private const double Carries = 0.01;

    /// <summary>Measures.</summary>
    /// <param name="truth">Network and board.</param>
    /// <param name="part">Sensor, as device files call it.</param>
    /// <param name="budget">Seconds of the board's time.</param>
    public static BoardTrial Run(SimulatedTruth truth, string part, double budget)
    {
        var random = new Random(truth.Seed * 7919);
        // A shunt of 1 % is one of a bin of those that are within 1 %; 95 % of them are within 0.95 %.
        bool hasShunt = part.StartsWith("ina", StringComparison.Ordinal);
        double gain = hasShunt ? (2 * random.NextDouble()) - 1 : 0;
        var simulation = new SimulationEntry(part, truth.Physics.Idle, truth.Physics.SupplyFilter, gain, truth.Physics.BackgroundWatts, 0.5, truth.Seed);
        var time = new VirtualTime();
        var board = new SimulatedBoard(truth.Physics, time, truth.Seed);
        using var host = new SimulatedHost(board, simulation, "bench", time, time, time.Spend);
        using IPowerSource source = PowerSources.Open(host.Entry, host.Context);
        var workload = new SimulatedWorkload(board, time, truth.Layers, truth.Overhead, truth.Physics.TimeJitter, truth.Seed);
        var options = new EnergyMeasurementOptions { Budget = new Seconds(budget), Seed = truth.Seed, Accuracy = hasShunt ? 0.0095 : 0 };
        EnergyMeasurementResult result = new EnergyMeasurement(workload, source, time, options).Run();
        if (result.Invalid is not null)
        {
            return new BoardTrial(truth, part, budget, result, double.NaN, double.NaN, 0, 0, gain);
        }

        double all = truth.Layers.Sum(l => l.Energy.Value);
        var errors = new List<double>();
        int inside = 0;
        for (int i = 0; i < truth.Layers.Length; i++)
        {
            double energy = truth.Layers[i].Energy.Value;
            Interval found = result.Layers[i]!.Figure.Dynamic;
            inside += found.Low <= energy && energy <= found.High ? 1 : 0;
            if (energy >= Carries * all)
            {
                errors.Add(Math.Abs((found.Median / energy) - 1));
            }
        }

        return new BoardTrial(truth, part, budget, result, Order.Median([.. errors]), errors.Max(), inside, truth.Layers.Length, gain);
    }
}
