using System.Globalization;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation.Trees;

/// <summary>Energy counters of a processor behind the powercap framework: steps of 61 µJ, an update every millisecond, wraps.</summary>
public sealed class SimulatedRapl : ISimulatedTree, IDisposable
{
    private const double UnitMicrojoules = 1e6 / (1 << 14);
    private const double UpdateSeconds = 1e-3;
    private const int MostSteps = 10_000;
    private readonly Counter[] counters;

    public SimulatedRapl(string root, IReadOnlyList<SimulatedZone> zones)
    {
        ArgumentNullException.ThrowIfNull(zones);
        counters = [.. zones.Select(z => new Counter(root, z))];
        Refresh();
    }

    public void Refresh()
    {
        foreach (Counter counter in counters)
        {
            counter.Refresh();
        }
    }

    public void Dispose()
    {
        foreach (Counter counter in counters)
        {
            counter.Dispose();
        }
    }

    private sealed class Counter : IDisposable
    {
        private readonly SimulatedZone zone;
        private readonly AttributeFile file;
        private double joules;
        private double time;

        public Counter(string root, SimulatedZone zone)
        {
            this.zone = zone;
            joules = zone.StartJoules;
            time = Grid(zone.Line.Now.Value);
            string folder = Path.Combine(root, "sys/class/powercap", zone.Folder);
            Directory.CreateDirectory(folder);
            AttributeFile.WriteOnce(Path.Combine(folder, "name"), zone.Name);
            AttributeFile.WriteOnce(Path.Combine(folder, "max_energy_range_uj"), zone.RangeMicrojoules.ToString(CultureInfo.InvariantCulture));
            file = new AttributeFile(Path.Combine(folder, "energy_uj"));
        }

        public void Refresh()
        {
            double now = Grid(zone.Line.Now.Value);
            // Short steps, because the mean of a product is not the product of the means.
            int steps = (int)Math.Clamp(Math.Round((now - time) / UpdateSeconds), 1, MostSteps);
            double step = (now - time) / steps;
            for (int i = 0; i < steps && step > 0; i++)
            {
                Seconds from = new(time + (i * step));
                Seconds to = new(time + ((i + 1) * step));
                joules += zone.Line.MeanVolts(from, to) * zone.Line.MeanAmperes(from, to) * step;
            }

            time = now;
            double shown = Math.Floor(joules * 1e6 / UnitMicrojoules) * UnitMicrojoules;
            file.Write((long)(shown % zone.RangeMicrojoules));
        }

        public void Dispose() => file.Dispose();

        private static double Grid(double seconds) => Math.Floor((seconds / UpdateSeconds) + 1e-9) * UpdateSeconds;
    }
}
