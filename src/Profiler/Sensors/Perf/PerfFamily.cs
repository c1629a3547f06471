using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors.Perf.Calibration;

namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>Power sources of kind <c>perf</c>: hardware counters with a calibration that <c>path</c> names.</summary>
/// <param name="folders">Folders in which <see cref="Discover"/> looks for calibrations.</param>
public sealed class PerfFamily(IReadOnlyList<string> folders) : IPowerSourceFamily
{
    /// <summary>The word in device files.</summary>
    public const string Word = "perf";

    private const string Governors = "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";
    private const string Calibrate = "run 'edgeprune calibrate' on a board of this kind that has a power sensor, and name the file that it writes as path of a source of kind perf";
    private const int MostCalibrations = 100;

    /// <summary>Looks for calibrations beside the device files.</summary>
    public PerfFamily()
        : this([.. DeviceFiles.Folders()])
    {
    }

    public string Kind => Word;

    /// <summary>The governor of the first core, or null where the system does not tell.</summary>
    public static string? Governor(string root) => SmallFile.Text(Path.Combine(root, Governors)) is { Length: > 0 and <= 64 } text ? text : null;

    public IPowerSource Open(PowerSourceEntry entry, PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(context);
        string path = entry.Path ?? throw new SensorException($"a source of kind {Word} needs a path: the file of its calibration; {Calibrate}");
        CounterCalibration calibration;
        try
        {
            calibration = CounterCalibrationFile.Load(path);
        }
        catch (InputException bad)
        {
            throw new SensorException(bad.Message, bad);
        }

        IReadOnlyList<PerfPmu> pmus = PerfPmu.All(context.Root);
        string processor = PerfPmu.Processor(context.Root, pmus);
        if (processor != calibration.Processor)
        {
            throw new SensorException($"{path} was made for {calibration.Processor}, and this is {processor}; a count does not cost the same there; {Calibrate}");
        }

        PerfEvent[] events = [.. calibration.Coefficients.Select(c => PerfEvents.Find(c.Event, pmus))];
        return PerfCounters.TryOpen(events, context.Root, out PerfCounters? counters, out PerfFailure? failure)
            ? new CounterPowerSource(calibration, counters!, context.Clock, Governor(context.Root), context.SimulatedBoard)
            : throw failure!.ToException();
    }

    public IEnumerable<DiscoveredSource> Discover(PowerSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        IReadOnlyList<PerfPmu> pmus = PerfPmu.All(context.Root);
        string processor = PerfPmu.Processor(context.Root, pmus);
        IReadOnlyList<(PerfEvent Event, PerfFailure? Failure)> probed = PerfProbe.Run(PerfEvents.Candidates(pmus), context.Root);
        PerfFailure[] failures = [.. probed.Where(p => p.Event.IsHardware).Select(p => p.Failure).OfType<PerfFailure>()];
        string[] open = [.. probed.Where(p => p.Event.IsHardware && p.Failure is null).Select(p => p.Event.Name)];
        string name = pmus.Count == 0 ? "hardware counters" : $"hardware counters of {processor}";
        if (open.Length == 0)
        {
            string? fix = failures.Select(f => f.Fix).FirstOrDefault(f => f is not null);
            return [new DiscoveredSource(name, Entry(null), [], null, PerfProbe.Describe(failures), fix)];
        }

        string[] fitting = [.. Calibrations(processor)];
        return fitting.Length == 0
            ? [new DiscoveredSource(name, Entry(null), [], null, $"{string.Join(", ", open)} can be counted, but no calibration says what they cost", Calibrate)]
            : fitting.Select(path => Check($"{name} with {Path.GetFileName(path)}", Entry(path), context));
    }

    private static PowerSourceEntry Entry(string? path) => new(Word, null, null, []) { Path = path };

    private DiscoveredSource Check(string name, PowerSourceEntry entry, PowerSourceContext context)
    {
        try
        {
            using IPowerSource source = Open(entry, context);
            return new DiscoveredSource(name, entry, source.Rails, source.Traits, null, null);
        }
        catch (SensorException problem)
        {
            return new DiscoveredSource(name, entry, [], null, problem.Message, Calibrate);
        }
    }

    /// <summary>Calibrations in the folders that hold for this processor; a broken file is none.</summary>
    private IEnumerable<string> Calibrations(string processor)
    {
        foreach (string path in folders.SelectMany(Files).Take(MostCalibrations))
        {
            CounterCalibration? calibration = null;
            try
            {
                calibration = CounterCalibrationFile.Load(path);
            }
            catch (InputException)
            {
                // Whoever names it in a device file is told what is wrong with it.
            }

            if (calibration?.Processor == processor)
            {
                yield return path;
            }
        }
    }

    private static string[] Files(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "*" + CounterCalibrationFile.Extension).Order(StringComparer.Ordinal)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
