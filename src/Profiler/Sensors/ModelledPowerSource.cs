using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors;

/// <summary>
/// No sensor: the energy that the device file's coefficients give for the time of the window and for the work that the
/// caller says was done in it. Everything that it returns is marked <c>modelled</c>.
/// </summary>
public sealed class ModelledPowerSource : IPowerSource
{
    private readonly EnergyModel model;
    private readonly TimeProvider clock;
    private Joules dynamicEnergy;
    private long? started;

    public ModelledPowerSource(Device device, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(device);
        model = new EnergyModel(device);
        this.clock = clock;
        Rails = [new PowerRail("board", RailRole.Total)];
    }

    public string Name => model.Provenance.ToString();

    public Provenance Provenance => model.Provenance;

    public IReadOnlyList<PowerRail> Rails { get; }

    public PowerTraits Traits { get; } = new(default, default, default, default, PowerReadout.EnergyCounter);

    public void Start()
    {
        if (started is not null)
        {
            throw new InvalidOperationException("a window is open already");
        }

        dynamicEnergy = default;
        started = clock.GetTimestamp();
    }

    /// <summary>Books work that was done in the open window.</summary>
    public void Report(Workload work)
    {
        if (started is null)
        {
            throw new InvalidOperationException("no window is open");
        }

        dynamicEnergy += model.Dynamic(work);
    }

    public bool TryTake(out PowerSample sample)
    {
        sample = default;
        return false;
    }

    public PowerWindow Stop()
    {
        long from = started ?? throw new InvalidOperationException("no window is open");
        started = null;
        Seconds duration = new(clock.GetElapsedTime(from).TotalSeconds);
        return new PowerWindow(duration, [(model.Idle * duration) + dynamicEnergy], [], Provenance, Invalid: null);
    }

    public void Dispose() => started = null;
}
