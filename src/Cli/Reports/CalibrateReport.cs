using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>A <see cref="CalibrateDocument"/> for people.</summary>
internal static class CalibrateReport
{
    private const int NameWidth = 9;
    private const double WorstWorthAWarning = 25;

    public static void Show(IAnsiConsole console, CalibrateDocument document)
    {
        console.Write(Tables.Facts(
            ("device", document.Device),
            ("processor", document.Processor + (document.Governor is null ? "" : $", governor {document.Governor}")),
            ("sensor", $"{document.Sensor} ({document.SensorProvenance})"),
            ("idle", $"{Figures.Digits(document.IdleW)} W"),
            ("counters", $"{document.Coefficients.Count} of {document.Candidates.Count}; the processor counts {document.Capacity} at once"),
            ("error", $"median {document.MedianErrorPct:F1} %, worst {document.WorstErrorPct:F1} % of power above idle, {document.Workloads.Count} workloads left out in turn"),
            ("condition", Figures.Digits(document.Condition)),
            ("measured", $"{document.Rounds} {(document.Rounds == 1 ? "round" : "rounds")}, windows measured again: {document.RepeatedWindows}")));
        console.Place("kept in", document.File, NameWidth);
        console.Line();

        Table counters = Tables.Of("counter", "energy of one>");
        foreach (CalibrateCoefficient coefficient in document.Coefficients)
        {
            counters.Row(coefficient.Event, Energy(coefficient));
        }

        console.Write(counters);
        Table workloads = Tables.Of("workload", "above idle>", "predicted unseen>", "error>");
        foreach (CalibrateWorkload workload in document.Workloads)
        {
            workloads.Row(
                workload.Name,
                $"{Figures.Digits(workload.DynamicW)} W",
                $"{Figures.Digits(workload.HeldOutW)} W",
                Figures.Change(workload.DynamicW, workload.HeldOutW));
        }

        console.Write(workloads);
        if (document.WorstErrorPct > WorstWorthAWarning)
        {
            console.Line($"! One workload was off by {document.WorstErrorPct:F0} %: a layer like it may be as wrong.", new Style(Color.Yellow));
        }
    }

    // A nanosecond of task-clock: picojoules a nanosecond are milliwatts.
    private static string Energy(CalibrateCoefficient coefficient) => coefficient.Event == Profiler.Sensors.Perf.PerfEvents.TaskClock
        ? $"{Figures.Digits(coefficient.Pj)} mW of a busy core"
        : $"{Figures.Digits(coefficient.Pj)} pJ";
}
