namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>Why an event cannot be counted, in words.</summary>
/// <param name="Event">Name of the event.</param>
/// <param name="Error">errno of perf_event_open; 0 where threads came faster than they could be opened.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Fix">What to do about it, or null where nothing helps.</param>
public sealed record PerfFailure(string Event, int Error, string Problem, string? Fix)
{
    private const int HighestUserLevel = 2;

    /// <summary>True where the group has more events than the PMU has counters.</summary>
    public bool IsTooMany => Error == PerfSystem.InvalidArgument;

    public SensorException ToException() => new($"counter {Event}: {Problem}{(Fix is null ? "" : "; " + Fix)}");

    /// <summary>Translates errno; the meaning of each is in perf_event_open(2), section ERRORS.</summary>
    /// <param name="root">Root of the file system, for <c>perf_event_paranoid</c>.</param>
    public static PerfFailure Of(string name, int error, string root) => error switch
    {
        PerfSystem.NoAccess or PerfSystem.NotPermitted => Refused(name, error, root),
        PerfSystem.NoEntry or PerfSystem.NotSupported or PerfSystem.NoDevice => new(
            name, error, "not counted by this machine", "a virtual machine needs a host that passes the counters on; a board's kernel needs its PMU in the device tree"),
        PerfSystem.NotImplemented => new(
            name, error, PerfSystem.IsSupported ? "the kernel was built without perf events" : "counters are read on Linux, on x64 and arm64 only", null),
        PerfSystem.TooManyFiles => new(name, error, "too many files are open", "raise the limit with 'ulimit -n 4096'"),
        PerfSystem.InvalidArgument => new(name, error, "the PMU cannot count it, or not together with the others", "take fewer counters"),
        PerfSystem.Busy => new(name, error, "something else has the counters for itself", "end other profilers and virtual machines"),
        _ => new(name, error, $"perf_event_open failed with error {error}", null),
    };

    private static PerfFailure Refused(string name, int error, string root)
    {
        string? level = SmallFile.Text(Path.Combine(root, "proc/sys/kernel/perf_event_paranoid"));
        bool blocks = int.TryParse(level, System.Globalization.CultureInfo.InvariantCulture, out int number) && number > HighestUserLevel;
        return blocks
            ? new(name, error, $"kernel.perf_event_paranoid is {number}, which keeps counters from ordinary users", "run 'sudo sysctl kernel.perf_event_paranoid=2', or run as root")
            : new(name, error, "the system forbids perf_event_open", "a container needs the capability PERFMON and a seccomp profile that lets perf_event_open through");
    }
}
