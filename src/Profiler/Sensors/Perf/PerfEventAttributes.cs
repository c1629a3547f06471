using System.Runtime.InteropServices;

namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>
/// <c>struct perf_event_attr</c> in its first published size (64 bytes), which every kernel takes
/// (include/uapi/linux/perf_event.h, PERF_ATTR_SIZE_VER0).
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct PerfEventAttributes
{
    public const int Bytes = 64;

    /// <summary>PERF_FORMAT_TOTAL_TIME_ENABLED and _RUNNING: a read gives value, enabled, running.</summary>
    public const ulong WithTimes = 1 | 2;

    private const ulong Inherit = 1 << 1;
    private const ulong ExcludeKernel = 1 << 5;
    private const ulong ExcludeHypervisor = 1 << 6;

    public uint Type;
    public uint Size;
    public ulong Config;
    public ulong SamplePeriod;
    public ulong SampleType;
    public ulong ReadFormat;
    public ulong Flags;
    public uint WakeUp;
    public uint BreakpointType;
    public ulong Config1;

    /// <summary>Counts user code of a thread and of the threads that it will make; needs no privilege up to perf_event_paranoid 2.</summary>
    public static PerfEventAttributes UserOnly(PerfEvent counted) => new()
    {
        Type = counted.Type,
        Size = Bytes,
        Config = counted.Config,
        ReadFormat = WithTimes,
        Flags = Inherit | ExcludeKernel | ExcludeHypervisor,
    };
}
