using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Costs;

/// <summary>What a layer is predicted to cost.</summary>
/// <param name="Time">Time of one execution.</param>
/// <param name="Dynamic">Energy above idle.</param>
/// <param name="Total">Energy with the board's idle power during the time.</param>
/// <param name="Provenance">Of the energy.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="BytesMoved">Bytes read and written.</param>
/// <param name="WeightBytes">Bytes of constants.</param>
/// <param name="ActivationBytes">Bytes of results.</param>
public sealed record Cost(
    Seconds Time,
    Joules Dynamic,
    Joules Total,
    Provenance Provenance,
    double Macs,
    double BytesMoved,
    double WeightBytes,
    double ActivationBytes)
{
    internal static Cost Of(BlockEstimate estimate, EnergyModel energy, int cores)
    {
        var work = new Workload(new Seconds(estimate.Time), cores, (long)Math.Round(estimate.Macs), (long)Math.Round(estimate.BytesMoved));
        return new Cost(
            work.Time, energy.Dynamic(work), energy.Total(work), energy.Provenance,
            estimate.Macs, estimate.BytesMoved, estimate.WeightBytes, estimate.ActivationBytes);
    }
}

/// <summary>Figures of a block between measured widths.</summary>
internal readonly record struct BlockEstimate(
    double Time, double Macs, double BytesMoved, double WeightBytes, double ActivationBytes, double OutputBytes, BlockLayout Layout);
