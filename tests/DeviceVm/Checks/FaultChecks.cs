using System.Globalization;
using System.Text.Json;
using EdgePrune.DeviceVm.Commands;
using EdgePrune.DeviceVm.Supply;
using EdgePrune.DeviceVm.Usb;
using EdgePrune.Profiler.Units;
using EdgePrune.TestSupport;

namespace EdgePrune.DeviceVm.Checks;

/// <summary>
/// Faults while edgeprune measures: each ends with exit code 4 and a message that names bus and address, and no energy is
/// printed; a fault that passes is survived.
/// </summary>
internal sealed class FaultChecks(TimeProvider clock, EdgePruneCommand edgeprune, string share)
{
    private const int DeviceUnavailable = 4;
    // Registers read after which a measurement is certainly under way.
    private const int UnderWay = 60;
    private const double MostIdleError = 0.03;
    private static readonly Watts Idle = new(2), Active = new(3);
    private static readonly string[] Energies = ["energy_mj", "dynamic_energy_mj", "energy_uj", "dynamic_energy_uj"];
    private static readonly TransferFault[] All = [.. Enum.GetValues<TransferFault>().Where(f => f != TransferFault.None)];

    public void Run(CheckReport report)
    {
        using var line = new ProcessorLine(clock, 5, Idle, Active);
        string model = Path.Combine(share, "one-layer.onnx");
        var graph = new GraphBuilder();
        graph.Output(graph.Relu(graph.Linear(graph.Input("x", 1, 32), 32, 32))).Build().Save(model);
        using (var bench = new Bench(line, [line, line, line]))
        {
            string device = DeviceFile.Ina219(share, bench.Bus.Number, Bench.FreeAddress, Bench.ShuntOhms, averages: 64);
            foreach (TransferFault fault in All)
            {
                bench.Adapter.Inject(Bench.FreeAddress, fault);
                Refused(report, $"{fault} from the start", bench, Profile(line, model, device, "4s", _ => { }));
                bench.Adapter.Inject(Bench.FreeAddress, TransferFault.None);
            }

            foreach (TransferFault fault in All)
            {
                Refused(report, $"{fault} while measuring", bench, Profile(line, model, device, "20s", command => Inject(bench, command, fault)));
                bench.Adapter.Inject(Bench.FreeAddress, TransferFault.None);
            }

            // Long enough that the windows which the one processor of the guest loses to the injection are few among many.
            Survived(report, "no acknowledge for a moment", Profile(line, SmallNetwork.Save(share), device, "30s", command =>
            {
                Inject(bench, command, TransferFault.NoAcknowledge);
                Thread.Sleep(200);
                bench.Adapter.Inject(Bench.FreeAddress, TransferFault.None);
            }));
        }

        using (var bench = new Bench(line, [line, line, line]))
        {
            string device = DeviceFile.Ina219(share, bench.Bus.Number, Bench.FreeAddress, Bench.ShuntOhms, averages: 64);
            Refused(report, "the adapter unplugged while measuring", bench, Profile(line, model, device, "20s", command =>
            {
                bench.WaitUntilRead(command, UnderWay);
                bench.Unplug();
            }));
            bench.Bus.WaitUntilGone(TimeSpan.FromSeconds(20));
            Refused(report, "a bus that is gone", bench, Profile(line, model, device, "4s", _ => { }), namesAddress: false);
        }
    }

    private static void Inject(Bench bench, RunningCommand command, TransferFault fault)
    {
        bench.WaitUntilRead(command, UnderWay);
        bench.Adapter.Inject(Bench.FreeAddress, fault);
    }

    private CommandResult Profile(ProcessorLine line, string model, string device, string time, Action<RunningCommand> meanwhile)
    {
        using RunningCommand command = edgeprune.Start("profile", model, "--device", device, "--time", time, "--json");
        line.Watch(command.ProcessId);
        meanwhile(command);
        return EdgePruneCommand.Finish(command);
    }

    private static void Refused(CheckReport report, string name, Bench bench, CommandResult result, bool namesAddress = true)
    {
        _ = result.TryDocument(out JsonElement document);
        string bus = string.Create(CultureInfo.InvariantCulture, $"i2c-{bench.Bus.Number}");
        string said = Reason(document, result);
        bool named = said.Contains(bus, StringComparison.Ordinal) && (!namesAddress || said.Contains("0x40", StringComparison.Ordinal));
        bool energy = HasEnergy(document);
        report.Check(name, result.ExitCode == DeviceUnavailable && named && !energy, $"exit code {result.ExitCode}, {(energy ? "AN ENERGY IS PRINTED" : "no energy")}: {said}");
    }

    /// <summary>A fault that passes costs windows and nothing else.</summary>
    private static void Survived(CheckReport report, string name, CommandResult result)
    {
        _ = result.TryDocument(out JsonElement document);
        double idle = Property(Property(Property(document, "measurement"), "idle_w"), "median") is { ValueKind: JsonValueKind.Number } median ? median.GetDouble() : double.NaN;
        string discarded = Property(Property(document, "measurement"), "discarded").ToString();
        report.Check(
            name,
            result.ExitCode == 0 && Math.Abs((idle / Idle.Value) - 1) <= MostIdleError,
            string.Create(CultureInfo.InvariantCulture, $"exit code {result.ExitCode}, {idle:F3} W of {Idle.Value:F3} W at rest, thrown away: {discarded} {(result.ExitCode == 0 ? "" : Reason(document, result))}"));
    }

    /// <summary>Why there are no energies: the error, or the reason of an invalid run.</summary>
    private static string Reason(JsonElement document, CommandResult result)
    {
        string said = $"{Property(Property(document, "error"), "message")}{Property(Property(document, "measurement"), "invalid")}";
        return said.Length > 0 ? said : $"no reason in a document; {result}";
    }

    private static bool HasEnergy(JsonElement document)
    {
        bool Any(JsonElement of) => Energies.Any(name => Property(of, name).ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null));
        JsonElement layers = Property(document, "layers");
        return Any(Property(document, "network")) || (layers.ValueKind == JsonValueKind.Array && layers.EnumerateArray().Any(Any));
    }

    /// <summary>An undefined value where the object, or the property, is not there.</summary>
    private static JsonElement Property(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out JsonElement value) ? value : default;
}
