using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>The facts of <see cref="DoctorDocument"/> for people.</summary>
internal static class DoctorReport
{
    public static void Show(IAnsiConsole console, DoctorDocument facts)
    {
        console.Write(Tables.Facts(
            ("edgeprune", $"{facts.Version}, built with .NET SDK {facts.Sdk}"),
            ("runtime", facts.Runtime),
            ("machine", $"{facts.Os}, {facts.Architecture}, {facts.Cores} cores, {Figures.Bytes(facts.MemoryBytes)} of memory"),
            ("ONNX Runtime", $"{facts.Onnxruntime.Version}, providers {string.Join(", ", facts.Onnxruntime.Providers)}"),
            ("device packages", facts.DevicePackages ? "built in" : "left out: the registry that this was built from lacks them (System.Device.Gpio, Iot.Device.Bindings, LibreHardwareMonitorLib)"),
            ("power sources", string.Join("; ", facts.Sensors.Select(s => $"{s.Provenance} ({s.Name}), {(s.Rails.Count == 1 ? "rail" : "rails")} {string.Join(", ", s.Rails)}"))),
            ("model store", $"{facts.Store.Path} ({Describe(facts.Store)})")));
        foreach (string problem in facts.Problems)
        {
            console.Line($"! {problem}", new Style(Color.Yellow));
        }
    }

    private static string Describe(StoreFacts store)
    {
        string content = !store.Exists ? "not made yet" : store.Current is null ? "serves no model" : $"serves {Figures.Digest(store.Current)}";
        return store.FreeBytes is { } free ? $"{content}; {Figures.Bytes(free)} free" : content;
    }
}
