using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Perf;
using EdgePrune.TestSupport;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

public sealed class PerfNamesTests
{
    [Fact]
    public void The_pmu_of_a_raspberry_pi_4_gives_its_own_events()
    {
        using var root = new TempFolder();
        Write(root, "sys/bus/event_source/devices/armv8_cortex_a72/type", "8\n");
        Write(root, "sys/bus/event_source/devices/armv8_cortex_a72/events/cpu_cycles", "event=0x0011\n");
        Write(root, "sys/bus/event_source/devices/armv8_cortex_a72/events/l1d_cache_refill", "event=0x0042\n");
        Write(root, "sys/bus/event_source/devices/armv8_cortex_a72/events/bus_access", "cmask=7,nonsense\n");
        Write(root, "sys/bus/event_source/devices/software/type", "1\n");
        Write(root, "sys/bus/event_source/devices/armv8_broken/type", "many\n");

        IReadOnlyList<PerfPmu> pmus = PerfPmu.All(root.Path);
        PerfPmu pmu = Assert.Single(pmus);
        Assert.Equal(("armv8_cortex_a72", 8u), (pmu.Name, pmu.Type));
        IReadOnlyList<PerfEvent> events = PerfEvents.Candidates(pmus);
        Assert.Equal(
            ["task-clock", "CPU_CYCLES", "INST_RETIRED", "ASE_SPEC", "VFP_SPEC", "LD_SPEC", "ST_SPEC", "L1D_CACHE_REFILL", "L2D_CACHE_REFILL", "BUS_ACCESS", "MEM_ACCESS"],
            events.Select(e => e.Name));
        Assert.All(events.Skip(1), e => Assert.Equal(8u, e.Type));
        Assert.Equal(0x42ul, PerfEvents.Find("L1D_CACHE_REFILL", pmus).Config);
        Assert.Equal(0x19ul, PerfEvents.Find("BUS_ACCESS", pmus).Config);
        Assert.Equal("armv8_cortex_a72", PerfPmu.Processor(root.Path, pmus));
    }

    [Fact]
    public void On_x86_the_processor_is_known_by_its_model()
    {
        using var root = new TempFolder();
        Write(root, "sys/bus/event_source/devices/cpu/type", "4\n");
        Write(root, "proc/cpuinfo", "processor\t: 0\nmodel name\t: Intel(R) N100\n");
        Assert.Equal("cpu (Intel(R) N100)", PerfPmu.Processor(root.Path, PerfPmu.All(root.Path)));
        Assert.Contains(PerfEvents.Candidates(PerfPmu.All(root.Path)), e => e.Name == "cache-misses");
        Assert.Contains("armv8", Assert.Throws<SensorException>(() => PerfEvents.Find("LD_SPEC", PerfPmu.All(root.Path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_kinds_of_cores_are_refused_by_name()
    {
        using var root = new TempFolder();
        Write(root, "sys/bus/event_source/devices/armv8_cortex_a53/type", "8\n");
        Write(root, "sys/bus/event_source/devices/armv8_cortex_a73/type", "9\n");
        string message = Assert.Throws<SensorException>(() => PerfCounterHost.Create(root.Path)).Message;
        Assert.Contains("armv8_cortex_a53, armv8_cortex_a73", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "4", "kernel.perf_event_paranoid is 4", "sysctl kernel.perf_event_paranoid=2")]
    [InlineData(13, "3", "kernel.perf_event_paranoid is 3", "sysctl")]
    [InlineData(13, "2", "forbids", "seccomp")]
    [InlineData(1, "", "forbids", "container")]
    [InlineData(2, "2", "not counted", "virtual machine")]
    [InlineData(95, "2", "not counted", "device tree")]
    [InlineData(24, "2", "too many files", "ulimit")]
    [InlineData(22, "2", "not together", "fewer")]
    [InlineData(16, "2", "for itself", "profilers")]
    [InlineData(71, "2", "error 71", null)]
    public void Each_refusal_is_told_in_words_with_its_fix(int error, string paranoid, string problem, string? fix)
    {
        using var root = new TempFolder();
        Write(root, "proc/sys/kernel/perf_event_paranoid", paranoid);
        PerfFailure failure = PerfFailure.Of("cycles", error, root.Path);
        Assert.Contains(problem, failure.Problem, StringComparison.Ordinal);
        Assert.Contains(fix ?? "", failure.Fix ?? "", StringComparison.Ordinal);
        Assert.StartsWith("counter cycles: ", failure.ToException().Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public void Groups_hold_no_more_than_the_pmu_counts_at_once(int counters)
    {
        IReadOnlyList<IReadOnlyList<PerfEvent>> groups = PerfCounterHost.Pack(
            [PerfEvents.Kernel[0], .. PerfEvents.Generic], events => events.Count <= counters);
        Assert.All(groups, g => Assert.InRange(g.Count(e => e.IsHardware), 1, counters));
        Assert.Equal([PerfEvents.Kernel[0], .. PerfEvents.Generic], groups.SelectMany(g => g));
    }

    [Fact]
    public void Names_are_unique() =>
        Assert.Equal(
            PerfEvents.Kernel.Count + PerfEvents.Generic.Count + PerfEvents.Armv8.Count,
            PerfEvents.Kernel.Concat(PerfEvents.Generic).Concat(PerfEvents.Armv8).DistinctBy(e => e.Name).Count(e => PerfEvents.IsKnown(e.Name)));

    private static void Write(TempFolder root, string path, string text)
    {
        string full = root.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
