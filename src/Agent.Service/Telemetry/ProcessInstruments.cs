using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace EdgePrune.Agent.Service.Telemetry;

/// <summary>What this process takes of the machine, with the names of OpenTelemetry's conventions for processes.</summary>
internal sealed class ProcessInstruments
{
    private const string DescriptorFolder = "/proc/self/fd";

    public const string MeterName = "EdgePrune.Process";

    public ProcessInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        meter.CreateObservableCounter<double>(
            "process.cpu.time",
            () =>
            {
                Environment.ProcessCpuUsage usage = Environment.CpuUsage;
                return
                [
                    new(usage.UserTime.TotalSeconds, new KeyValuePair<string, object?>("cpu.mode", "user")),
                    new(usage.PrivilegedTime.TotalSeconds, new KeyValuePair<string, object?>("cpu.mode", "system")),
                ];
            },
            "s",
            "Time of processors used.");
        meter.CreateObservableUpDownCounter("process.memory.usage", () => Environment.WorkingSet, "By", "Resident memory.");
        meter.CreateObservableUpDownCounter("process.thread.count", () => Of(p => p.Threads.Count), "{thread}", "Threads.");
        meter.CreateObservableGauge("process.uptime", () => Of(p => (DateTime.Now - p.StartTime).TotalSeconds), "s", "Time since the process began.");
        if (Directory.Exists(DescriptorFolder))
        {
            meter.CreateObservableUpDownCounter("process.unix.file_descriptor.count", () => Directory.EnumerateFileSystemEntries(DescriptorFolder).Count(), "{file_descriptor}", "Open files.");
        }
    }

    private static T Of<T>(Func<Process, T> read)
    {
        using Process self = Process.GetCurrentProcess();
        return read(self);
    }
}
