using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Replay;

/// <summary>A recorded trace as a source: played in real time, or the excerpt between <c>from_s</c> and <c>to_s</c>.</summary>
public sealed class ReplayFamily : IPowerSourceFamily
{
    public string Kind => "replay";

    public IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(context);
        string path = entry.Path ?? throw new SensorException("a source of kind replay needs the path of a recorded trace: path: trace.csv");
        PowerTrace trace = Read(path);
        (PowerRail[] rails, PowerSample[] samples) = Select(trace, entry, path);
        trace = trace with { Rails = rails, Samples = samples };
        string source = trace.Facts.TryGetValue("source", out string? recorded) ? $" ({recorded})" : "";
        string name = $"replay of {Path.GetFileName(path)}{source}";
        Provenance provenance = trace.Facts.GetValueOrDefault("provenance") == "simulated" ? Provenance.Simulated(name) : context.ProvenanceOf(name);
        var traits = new PowerTraits(trace.Period, trace.Period, default, trace.Period, PowerReadout.Samples);
        if (entry.FromSeconds is not { } from || entry.ToSeconds is not { } to)
        {
            return new SampledPowerSource(name, provenance, rails, traits, new ReplayPoller(trace, context.Clock), context.Scheduler, context.Clock);
        }

        return from >= trace.Begin.Value && to <= trace.End.Value
            ? new ExcerptPowerSource(name, provenance, rails, traits, samples, new Seconds(from), new Seconds(to))
            : throw new SensorException($"{path} goes from {trace.Begin} to {trace.End}; from_s {from} to to_s {to} is not inside");
    }

    /// <summary>Nothing: a trace is no part of the machine.</summary>
    public IEnumerable<DiscoveredSource> Discover(PowerSourceContext context) => [];

    private static PowerTrace Read(string path)
    {
        try
        {
            return TraceReader.Read(path);
        }
        catch (InputException broken)
        {
            throw new SensorException(broken.Message, broken);
        }
    }

    // One rail that is no column stands for all of them.
    private static (PowerRail[] Rails, PowerSample[] Samples) Select(PowerTrace trace, PowerSourceEntry entry, string path)
    {
        string[] columns = [.. trace.Rails.Select(r => r.Name)];
        if (entry.Rails is [{ Label: null } only] && !columns.Contains(only.Name))
        {
            return trace.Rails.Count == 1
                ? ([new PowerRail(only.Name, only.Role)], [.. trace.Samples])
                : (trace.Rails.Count(r => r.Role == RailRole.Total) <= 1
                    ? ([.. trace.Rails], [.. trace.Samples])
                    : throw new SensorException($"{path}: more than one rail is marked total; the sum would count power twice"));
        }

        int[] places = [.. columns.Select(c => entry.Rails.ToList().FindIndex(r => (r.Label ?? r.Name) == c))];
        return entry.Rails.FirstOrDefault(r => !columns.Contains(r.Label ?? r.Name)) is { } missing
            ? throw new SensorException($"{path} has no column for rail '{missing.Label ?? missing.Name}'; it has {string.Join(", ", columns)}")
            : ([.. entry.Rails.Select(r => new PowerRail(r.Name, r.Role))], [.. trace.Samples.Where(s => places[s.Rail] >= 0).Select(s => s with { Rail = places[s.Rail] })]);
    }
}
