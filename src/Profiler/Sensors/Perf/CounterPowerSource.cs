using EdgePrune.Profiler.Sensors.Perf.Calibration;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>
/// The energy of this process by hardware counters and a calibration: P_idle · T + Σ cᵢ · countᵢ. What other processes do is
/// not in it, nor what the processor does in the kernel beyond what the calibration's workloads did in proportion.
/// </summary>
public sealed class CounterPowerSource : IPowerSource
{
    private readonly CounterCalibration calibration;
    private readonly ICounters counters;
    private readonly TimeProvider clock;
    private readonly string? governor;
    private readonly string? board;
    private (long Time, IReadOnlyList<RawCount> Counts)? started;

    /// <param name="counters">Counts the events of the calibration, in its order; disposed with this.</param>
    /// <param name="governor">Frequency governor of now, where the system tells.</param>
    /// <param name="board">The simulated board, or null for this machine.</param>
    public CounterPowerSource(CounterCalibration calibration, ICounters counters, TimeProvider clock, string? governor = null, string? board = null)
    {
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentNullException.ThrowIfNull(counters);
        if (!counters.Events.SequenceEqual(calibration.Coefficients.Select(c => c.Event)))
        {
            throw new ArgumentException("the counters are not those of the calibration", nameof(counters));
        }

        this.calibration = calibration;
        this.counters = counters;
        this.clock = clock;
        this.governor = governor;
        this.board = board;
        Provenance = calibration.ProvenanceOf(governor, board);
    }

    public string Name => $"counters of {calibration.Processor}, calibrated against {calibration.Sensor}";

    public Provenance Provenance { get; }

    public IReadOnlyList<PowerRail> Rails { get; } = [new PowerRail("board", RailRole.Total)];

    public PowerTraits Traits { get; } = new(default, default, default, default, PowerReadout.EnergyCounter);

    public void Start()
    {
        if (started is not null)
        {
            throw new InvalidOperationException("a window is open already");
        }

        IReadOnlyList<RawCount> counts = counters.Read();
        started = (clock.GetTimestamp(), counts);
    }

    public bool TryTake(out PowerSample sample)
    {
        sample = default;
        return false;
    }

    public PowerWindow Stop()
    {
        (long from, IReadOnlyList<RawCount> before) = started ?? throw new InvalidOperationException("no window is open");
        started = null;
        Seconds duration = new(clock.GetElapsedTime(from).TotalSeconds);
        CounterDelta delta = CounterDelta.Between(before, counters.Read(), counters.Events);
        Provenance provenance = delta.IsScaled ? calibration.ProvenanceOf(governor, board, delta.Share) : Provenance;
        Joules energy = delta.Problem is null ? calibration.Energy(duration, delta.Counts) : default;
        return new PowerWindow(duration, [energy], [], provenance, delta.Problem);
    }

    public void Dispose()
    {
        started = null;
        counters.Dispose();
    }
}
