using EdgePrune.Profiler.Sensors.Perf.Calibration;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

/// <summary>Lets a <see cref="SimulatedMachine"/> count at fixed rates.</summary>
internal sealed class SimulatedWorkload(string name, SimulatedMachine machine, IReadOnlyDictionary<string, double> rates, double unseen = 0) : ICalibrationWorkload
{
    public string Name => name;

    public IReadOnlyDictionary<string, double> Rates => rates;

    /// <summary>What the sensor should see above idle.</summary>
    public double DynamicWatts => machine.Dynamic(rates) * (1 + unseen);

    public void Run(Seconds duration) => machine.Work(duration.Value, rates, unseen);

    public void Dispose()
    {
    }

    /// <summary>Rates as those of real programs: everything follows the cycles, and traffic on the bus follows the refills.</summary>
    public static SimulatedWorkload Random(string name, SimulatedMachine machine, Random random, double unseen)
    {
        double Log(double low, double high) => low * Math.Pow(high / low, random.NextDouble());
        double cycles = Log(0.5e9, 1.5e9);
        double instructions = cycles * Log(0.3, 3);
        double refills = instructions * Log(1e-4, 3e-2);
        var rates = new Dictionary<string, double>
        {
            ["cycles"] = cycles,
            ["instructions"] = instructions,
            ["cache-misses"] = refills,
            ["bus-cycles"] = refills * Log(3.9, 4.1),
            ["branches"] = instructions * Log(0.02, 0.2),
            ["cache-references"] = instructions * Log(0.2, 0.5),
        };
        return new SimulatedWorkload(name, machine, rates, unseen * ((2 * random.NextDouble()) - 1));
    }
}
