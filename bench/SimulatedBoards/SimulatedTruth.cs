using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Bench.SimulatedBoards;

/// <summary>A network of random layers on a random board.</summary>
internal sealed record SimulatedTruth(BoardPhysics Physics, SimulatedLayer[] Layers, SimulatedLayer Overhead, int Seed)
{
    public static SimulatedTruth Random(int seed, double fastest = 20e-6, double slowest = 20e-3)
    {
        var random = new Random(seed);
        double Between(double low, double high) => low + ((high - low) * random.NextDouble());
        double Log(double low, double high) => low * Math.Pow(high / low, random.NextDouble());
        int count = random.Next(10, 61);
        double strongest = Log(0.7, 15);
        double weakest = Math.Max(0.5, strongest * 0.3);
        double centre = Log(fastest * 3, slowest / 3);
        SimulatedLayer[] layers =
        [
            .. Enumerable.Range(0, count).Select(_ => new SimulatedLayer(
                new Seconds(Math.Clamp(centre * Log(0.1, 10), fastest, slowest)), new Watts(Between(weakest, strongest)))),
        ];
        var physics = new BoardPhysics
        {
            Idle = new Watts(Between(0.3, 1) * Math.Min(4, strongest)),
            SupplyFilter = new Seconds(seed % 2 == 0 ? 1e-3 : 0),
            BackgroundWatts = Between(0, 0.01),
            LeakagePerKelvin = Between(0, 0.006),
            KelvinPerWatt = Between(2, 8),
        };
        return new SimulatedTruth(physics, layers, new SimulatedLayer(Seconds.FromMicroseconds(Between(3, 12)), new Watts(weakest)), seed);
    }
}
