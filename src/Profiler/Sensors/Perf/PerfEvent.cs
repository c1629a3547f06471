namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>Something that the kernel can count.</summary>
/// <param name="Name">Name in reports and calibrations: that of <c>perf list</c>, or of the architecture for raw events.</param>
/// <param name="Type">Kind by perf_event_open(2), or the number that the kernel gave a PMU.</param>
/// <param name="Config">Event within the type.</param>
/// <param name="IsHardware">True where it takes one of the PMU's counters; software events are kept by the kernel and are free.</param>
/// <param name="Meaning">What it stands for in a model of energy, in words.</param>
public sealed record PerfEvent(string Name, uint Type, ulong Config, bool IsHardware, string Meaning);
