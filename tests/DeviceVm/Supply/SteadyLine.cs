using EdgePrune.Profiler.Simulation;
using EdgePrune.Profiler.Units;

namespace EdgePrune.DeviceVm.Supply;

/// <summary>A bench supply: volts and amperes stay what they were last set to.</summary>
internal sealed class SteadyLine(TimeProvider clock) : ISupplyLine
{
    private readonly long started = clock.GetTimestamp();
    private volatile Setting setting = new(0, 0);

    public Seconds Now => new(clock.GetElapsedTime(started).TotalSeconds);

    public void Set(double volts, double amperes) => setting = new Setting(volts, amperes);

    public double MeanAmperes(Seconds from, Seconds to) => setting.Amperes;

    public double MeanVolts(Seconds from, Seconds to) => setting.Volts;

    private sealed record Setting(double Volts, double Amperes);
}
