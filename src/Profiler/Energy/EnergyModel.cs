using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Energy;

/// <summary>
/// Energy from coefficients: E_dynamic = P_core · cores · t + e_mac · MACs + e_byte · bytes, E_total = E_dynamic + P_idle · t.
/// A stand-in where no sensor is; every figure carries the provenance <c>modelled</c>.
/// </summary>
public sealed class EnergyModel
{
    private readonly EnergyCoefficients coefficients;

    public EnergyModel(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        coefficients = device.Coefficients;
        Provenance = Provenance.Modelled($"coefficients of {device.Name}.yaml");
    }

    public Provenance Provenance { get; }

    public Watts Idle => coefficients.Idle;

    /// <summary>Energy above idle.</summary>
    public Joules Dynamic(Workload work) =>
        (coefficients.ActivePerCore * work.BusyCores * work.Time)
        + Joules.FromPicojoules((coefficients.PicojoulesPerMac * work.Macs) + (coefficients.PicojoulesPerByte * work.Bytes));

    /// <summary>Energy with the idle power of the board during the time of the work.</summary>
    public Joules Total(Workload work) => Dynamic(work) + (Idle * work.Time);

    /// <summary>Dynamic and total energy (joules) with the interval of the time carried through.</summary>
    /// <param name="time">Time in seconds.</param>
    /// <param name="work">The work; its own time is not used.</param>
    public EnergyFigure Of(Interval time, Workload work)
    {
        double slopeDynamic = coefficients.ActivePerCore.Value * work.BusyCores;
        double constant = Dynamic(work with { Time = default }).Value;
        return new EnergyFigure(
            time.Scale(slopeDynamic).Shift(constant),
            time.Scale(slopeDynamic + Idle.Value).Shift(constant),
            Provenance);
    }
}
