using System.CommandLine;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Perf;
using EdgePrune.Profiler.Sensors.Perf.Calibration;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Cli.Commands;

/// <summary>Finds what counts of hardware events cost on a board, with the help of a power sensor.</summary>
internal sealed class CalibrateCommand : ReportingCommand
{
    private static readonly string[] NoSensors = [PowerSourceEntry.Modelled, PerfFamily.Word];

    private readonly Option<string> device = SharedOptions.Device();
    private readonly Option<string?> source = new("--source") { Description = "Kind of the power source to calibrate against. [default: the device's first]", HelpName = "kind" };
    private readonly Option<double> seconds = SharedOptions.InRange(
        new Option<double>("--seconds") { Description = "Time to spend; one round of all workloads is always done.", DefaultValueFactory = _ => 180, HelpName = "s" }, 1, 86_400);

    private readonly Option<int?> threads = new("--threads") { Description = "Most threads of a workload, up to the number of cores. [default: all cores]", HelpName = "n" };
    private readonly Option<int> seed = SharedOptions.Seed();
    private readonly Option<string?> output = new("--output", "-o") { Description = "Where the calibration goes. [default: <device>.counters.json]", HelpName = "file" };
    private readonly Option<bool> force = new("--force") { Arity = ArgumentArity.Zero, Description = "Store it also where its error is above 25 %." };

    public CalibrateCommand()
        : base(
            "calibrate",
            "Find out what hardware counters say about energy, once, on a board with a power sensor.",
            "edgeprune calibrate --device my-board.yaml --output my-board.counters.json")
    {
        Add(device);
        Add(source);
        Add(seconds);
        Add(threads);
        Add(seed);
        Add(output);
        Add(force);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        var board = Device.Load(parsed.GetValue(device)!);
        string path = parsed.GetValue(output) ?? board.Name + CounterCalibrationFile.Extension;
        OutputFile.Check(path, parsed.GetValue(device));
        int most = Math.Clamp(parsed.GetValue(threads) ?? Environment.ProcessorCount, 1, Environment.ProcessorCount);
        PowerSourceContext context = PowerSourceContext.ForThisMachine(TimeProvider.System);
        (IPowerSource sensor, PerfCounterHost host) = Open(board, parsed.GetValue(source), context);
        using (sensor)
        {
            var calibrator = new CounterCalibrator(sensor, host, context.Clock);
            CalibrationRun run = reporter.Step("calibrating", progress => Measure(
                calibrator,
                board.Name,
                most,
                new CalibrationOptions { Budget = new Seconds(parsed.GetValue(seconds)), Seed = parsed.GetValue(seed) },
                context,
                progress.From<ProfileProgress>(p => new StepProgress(p.Done, p.Stage)),
                cancellationToken));
            return Store(run, path, parsed.GetValue(force));
        }
    }

    /// <summary>Writes the calibration, unless it is too far off to be of use.</summary>
    internal static Outcome Store(CalibrationRun run, string path, bool force)
    {
        if (!run.Calibration.IsAcceptable && !force)
        {
            throw CommandFailure.TargetNotMet(
                $"half of the workloads that a calibration had not seen were predicted more than {Figures.Percent(run.Calibration.Error.MedianPercent / 100)} wrong, and {Figures.Percent(CounterCalibration.AcceptablePercent / 100, 0)} is the most that is stored: give it more --seconds, keep the machine quiet and its frequency fixed, or store it with --force");
        }

        CounterCalibrationFile.Save(run.Calibration, path);
        var document = CalibrateDocument.Of(run, path);
        return new Outcome(document, console => CalibrateReport.Show(console, document));
    }

    /// <summary>Sensor and counters; where both are missing the message says so of both.</summary>
    private static (IPowerSource Sensor, PerfCounterHost Host) Open(Device board, string? kind, PowerSourceContext context)
    {
        PowerSourceEntry? entry = Choose(board, kind);
        var problems = new List<string>();
        IPowerSource? sensor = null;
        PerfCounterHost? host = null;
        try
        {
            host = PerfCounterHost.Create(context.Root);
        }
        catch (SensorException missing)
        {
            problems.Add(missing.Message);
        }

        try
        {
            sensor = entry is null ? null : PowerSources.Open(entry, context);
            if (sensor is null)
            {
                problems.Add(
                    $"device {board.Name} has no power sensor; a calibration needs one, once: an INA219 or INA226 in the supply line, a board that measures itself (hwmon, RAPL), listed under sources of the device file");
            }
        }
        catch (SensorException missing)
        {
            problems.Add(missing.Message);
        }

        if (sensor is not null && host is not null)
        {
            return (sensor, host);
        }

        sensor?.Dispose();
        throw CommandFailure.DeviceUnavailable(string.Join('\n', problems));
    }

    private static PowerSourceEntry? Choose(Device board, string? kind)
    {
        if (kind is null)
        {
            return board.Sources.FirstOrDefault(s => !NoSensors.Contains(s.Kind));
        }

        if (NoSensors.Contains(kind))
        {
            throw CommandFailure.Usage($"--source {kind} measures no power; counters are calibrated against a sensor");
        }

        return board.Sources.FirstOrDefault(s => s.Kind == kind)
            ?? throw CommandFailure.Usage($"device {board.Name} has no source of kind '{kind}'; it has {string.Join(", ", board.Sources.Select(s => s.Kind))}");
    }

    private static CalibrationRun Measure(
        CounterCalibrator calibrator,
        string board,
        int threads,
        CalibrationOptions options,
        PowerSourceContext context,
        IProgress<ProfileProgress> progress,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<ICalibrationWorkload> workloads = CalibrationWorkloads.Make(threads, options.Seed, context.Clock);
        try
        {
            using var idle = new IdleWorkload();
            return calibrator.Run(board, PerfFamily.Governor(context.Root), workloads, idle, options, progress, cancellationToken);
        }
        finally
        {
            foreach (ICalibrationWorkload workload in workloads)
            {
                workload.Dispose();
            }
        }
    }
}
