namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>The events that this tool knows. A calibration may name no other.</summary>
public static class PerfEvents
{
    /// <summary>Nanoseconds that threads of the process ran: power of a core that is on, whatever it does.</summary>
    public const string TaskClock = "task-clock";

    private const uint Hardware = 0;
    private const uint Software = 1;
    private const uint HardwareCache = 3;
    private const ulong Miss = 1 << 16;

    /// <summary>
    /// Kept by the kernel itself, so nearly every machine has them (perf_event_open(2), PERF_TYPE_SOFTWARE). Only those that happen
    /// in user code: switches and migrations happen in the kernel, and counting user code alone shows none of them.
    /// </summary>
    public static IReadOnlyList<PerfEvent> Kernel { get; } =
    [
        new(TaskClock, Software, 1, false, "time on a core, ns"),
        new("page-faults", Software, 2, false, "pages that had to be mapped"),
    ];

    /// <summary>What the kernel maps to the events of each processor (perf_event_open(2), PERF_TYPE_HARDWARE and _HW_CACHE).</summary>
    public static IReadOnlyList<PerfEvent> Generic { get; } =
    [
        new("cycles", Hardware, 0, true, "clock cycles"),
        new("instructions", Hardware, 1, true, "instructions"),
        new("cache-references", Hardware, 2, true, "accesses of the last cache"),
        new("cache-misses", Hardware, 3, true, "misses of the last cache"),
        new("branches", Hardware, 4, true, "branches"),
        new("branch-misses", Hardware, 5, true, "wrongly predicted branches"),
        new("bus-cycles", Hardware, 6, true, "cycles of the bus"),
        new("stalled-cycles-frontend", Hardware, 7, true, "cycles without instructions to issue"),
        new("stalled-cycles-backend", Hardware, 8, true, "cycles without resources to issue to"),
        new("L1-dcache-loads", HardwareCache, 0, true, "reads of the first data cache"),
        new("L1-dcache-load-misses", HardwareCache, Miss, true, "reads that missed the first data cache"),
        new("LLC-loads", HardwareCache, 2, true, "reads of the last cache"),
        new("LLC-load-misses", HardwareCache, 2 | Miss, true, "reads that missed the last cache"),
    ];

    /// <summary>
    /// Arm's common events by number (Arm Architecture Reference Manual for A-profile, section D13.12, and the technical
    /// reference manuals of the Cortex-A cores for 0x70 on). The type is that of the PMU and is put in by <see cref="Find"/>.
    /// </summary>
    public static IReadOnlyList<PerfEvent> Armv8 { get; } =
    [
        new("CPU_CYCLES", 0, 0x11, true, "clock cycles"),
        new("INST_RETIRED", 0, 0x08, true, "instructions"),
        new("ASE_SPEC", 0, 0x74, true, "vector instructions"),
        new("VFP_SPEC", 0, 0x75, true, "scalar floating point instructions"),
        new("LD_SPEC", 0, 0x70, true, "loads"),
        new("ST_SPEC", 0, 0x71, true, "stores"),
        new("L1D_CACHE_REFILL", 0, 0x03, true, "refills of the first data cache"),
        new("L2D_CACHE_REFILL", 0, 0x17, true, "refills of the second cache"),
        new("BUS_ACCESS", 0, 0x19, true, "accesses of the bus"),
        new("MEM_ACCESS", 0, 0x13, true, "accesses of memory by loads and stores"),
    ];

    /// <summary>What a calibration tries on a machine: the architecture's own events where the PMU is known, the generic ones else.</summary>
    public static IReadOnlyList<PerfEvent> Candidates(IReadOnlyList<PerfPmu> pmus)
    {
        ArgumentNullException.ThrowIfNull(pmus);
        return pmus is [{ IsArm: true } pmu]
            ? [Kernel[0], .. Armv8.Select(e => pmu.Specify(e))]
            : [Kernel[0], .. Generic];
    }

    /// <summary>True for a name of one of the tables.</summary>
    public static bool IsKnown(string name) => Kernel.Concat(Generic).Concat(Armv8).Any(e => e.Name == name);

    /// <summary>An event by name, for the PMU of this machine.</summary>
    /// <exception cref="SensorException">No such event, or it needs a PMU that is not here.</exception>
    public static PerfEvent Find(string name, IReadOnlyList<PerfPmu> pmus)
    {
        ArgumentNullException.ThrowIfNull(pmus);
        if (Kernel.Concat(Generic).FirstOrDefault(e => e.Name == name) is { } found)
        {
            return found;
        }

        PerfEvent raw = Armv8.FirstOrDefault(e => e.Name == name)
            ?? throw new SensorException($"there is no counter '{name}'; known are {string.Join(", ", Kernel.Concat(Generic).Concat(Armv8).Select(e => e.Name))}");
        return pmus is [{ IsArm: true } pmu]
            ? pmu.Specify(raw)
            : throw new SensorException(
                $"counter {name} needs one armv8 PMU; this machine has {(pmus.Count == 0 ? "no PMU" : string.Join(" and ", pmus.Select(p => p.Name)))}");
    }
}
