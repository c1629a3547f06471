using System.Diagnostics;
using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Documents;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Agent.Service.Jobs;

/// <summary>
/// The child process that measures: a model that brings the runtime down, or eats the memory, takes nothing else with it. It ends
/// when its standard input does, so that it does not outlive an agent that was killed.
/// </summary>
internal static class MeasureRun
{
    public const string Command = "measure";
    private const double ProfileSeconds = 6;
    private const double SensorSeconds = 60;
    private const double SweepSeconds = 60;
    private const double CompareSeconds = 5;
    private const double EnergyShare = 2;

    /// <summary>Reads one line, the specification, from standard input, and measures.</summary>
    public static int Execute()
    {
        try
        {
            MeasureSpec spec = JsonSerializer.Deserialize<MeasureSpec>(Console.In.ReadLine() ?? "") ?? throw new InputException("no specification came");
            new Thread(DieWithParent) { IsBackground = true }.Start();
            TrialHost.LimitMemory(spec.MemoryBytes);
            object document = Measure(spec);
            AtomicFile.WriteText(spec.Result, JsonSerializer.Serialize(document, document.GetType(), DocumentJson.Options));
            return 0;
        }
        catch (Exception e) when (e is InputException or SensorException or IOException or UnauthorizedAccessException or JsonException)
        {
            Say(new MeasureLine(0, e.Message, Failed: true));
            return 1;
        }
        catch (OutOfMemoryException)
        {
            Say(new MeasureLine(0, "the measurement needs more memory than it may take on this device", Failed: true));
            return 1;
        }
    }

    private static object Measure(MeasureSpec spec)
    {
        var device = Device.Load(spec.Device);
        var session = new SessionSettings { Threads = Math.Max(1, spec.Threads) };
        OnnxModel model = OnnxModel.FromBytes(File.ReadAllBytes(spec.Model), "the model");
        var progress = new Progress();
        return spec.Request.Kind switch
        {
            JobKind.Profile => TakeProfile(spec, model, device, session, progress),
            JobKind.Costs => Sweep(spec, model, device, session, progress),
            _ => Compare(spec, model, device, session, progress),
        };
    }

    private static ProfileDocument TakeProfile(MeasureSpec spec, OnnxModel model, Device device, SessionSettings session, Progress progress)
    {
        using IPowerSource? source = PowerSources.Open(device, PowerSourceContext.ForThisMachine(TimeProvider.System));
        using IMeasurementMarker marker = MeasurementMarkers.Open(device);
        double seconds = spec.Request.Seconds ?? (source is null ? ProfileSeconds : SensorSeconds);
        // Times settle sooner than energies: they get a tenth, as much as they need at most.
        double timing = source is null ? seconds : Math.Clamp(seconds / 10, 1, ProfileSeconds);
        return ProfileDocument.Of(
            Profile.Run(
                model,
                new ProfileOptions
                {
                    Device = device,
                    Session = session,
                    Budget = new Seconds(timing),
                    Source = source,
                    EnergyBudget = new Seconds(seconds * 0.9),
                    Marker = marker,
                    Seed = spec.Request.Seed,
                    Shapes = spec.Request.Shapes,
                },
                progress),
            spec.Model);
    }

    private static CostTableDocument Sweep(MeasureSpec spec, OnnxModel model, Device device, SessionSettings session, Progress progress)
    {
        JobRequest request = spec.Request;
        var options = new SweepOptions
        {
            Device = device,
            Session = session,
            Budget = new Seconds(request.Seconds ?? SweepSeconds),
            Seed = request.Seed,
            Shapes = request.Shapes,
            Store = spec.CostTable,
        };
        var coupling = new CouplingOptions { Kinds = request.Kinds is null ? null : [.. request.Kinds.Select(Kind)], AllowInexact = request.AllowInexact };
        var resizer = new BlockResizer(CouplingAnalysis.Run(model, ShapeProbe.Run(model, shapes: request.Shapes), coupling));
        return CostTableDocument.Of(CostSweep.Run(model, resizer, options, progress), options, model);
    }

    private static ComparisonDocument Compare(MeasureSpec spec, OnnxModel model, Device device, SessionSettings session, Progress progress)
    {
        ((IProgress<ProfileProgress>)progress).Report(new ProfileProgress("comparing", 0.1));
        OnnxModel other = OnnxModel.FromBytes(File.ReadAllBytes(spec.Other!), "the other model");
        using IPowerSource? source = PowerSources.Open(device, PowerSourceContext.ForThisMachine(TimeProvider.System));
        var seconds = new Seconds(spec.Request.Seconds ?? CompareSeconds);
        // Latencies settle sooner than energies.
        var comparison = ModelComparison.RunWith(
            source, seconds * EnergyShare, model, other, device, session, seconds, shapes: spec.Request.Shapes);
        return ComparisonDocument.Of(comparison, device.Name, session);
    }

    private static UnitKind Kind(string word) =>
        Enum.TryParse(word.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out UnitKind kind) && Enum.IsDefined(kind)
            ? kind
            : throw new InputException($"'{Printable.Name(word)}' is no kind of units");

    private static void DieWithParent()
    {
        while (Console.In.Read() >= 0)
        {
        }

        Process.GetCurrentProcess().Kill();
    }

    private static void Say(MeasureLine line)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(line.Write());
            Console.Out.Flush();
        }
    }

    private sealed class Progress : IProgress<ProfileProgress>
    {
        private long said;

        // Ten lines a second at most: writing them takes time from what is measured.
        public void Report(ProfileProgress value)
        {
            long now = Environment.TickCount64;
            if (now - said >= 100)
            {
                said = now;
                Say(new MeasureLine(value.Done, value.Stage, Failed: false));
            }
        }
    }
}
