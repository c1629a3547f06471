using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Costs;

/// <summary>Measures what a block costs at some widths.</summary>
public interface IBlockTimer
{
    /// <exception cref="Onnx.InputException">The block cannot be run at these widths.</exception>
    BlockMeasurement Measure(CostBlock block, IReadOnlyList<int> widths, CancellationToken cancel);
}

/// <summary>What a block costs at some widths.</summary>
/// <param name="Time">Seconds of one execution.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="BytesMoved">Bytes read and written.</param>
/// <param name="WeightBytes">Bytes of its constants.</param>
/// <param name="ActivationBytes">Bytes of its results.</param>
public sealed record BlockMeasurement(Interval Time, long Macs, long BytesMoved, long WeightBytes, long ActivationBytes);
