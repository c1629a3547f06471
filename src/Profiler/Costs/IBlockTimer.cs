using EdgePrune.Profiler.Statistics;

namespace EdgePrune.Profiler.Costs;

/// <summary>Measures what a block costs at some widths.</summary>
public interface IBlockTimer
{
    /// <param name="block">The block.</param>
    /// <param name="widths">Its widths.</param>
    /// <param name="hurried">True: one quick reading, which says so (<see cref="BlockMeasurement.IsHurried"/>), for when the time is up.</param>
    /// <param name="cancel">Ends the measurement.</param>
    /// <exception cref="Onnx.InputException">The block cannot be run at these widths.</exception>
    BlockMeasurement Measure(CostBlock block, IReadOnlyList<int> widths, bool hurried, CancellationToken cancel);

    /// <summary>What the runtime makes of the block at these widths, without timing it; null where that cannot be told.</summary>
    /// <exception cref="Onnx.InputException">The block cannot be run at these widths.</exception>
    BlockPath? Describe(CostBlock block, IReadOnlyList<int> widths) => null;
}

/// <summary>How the runtime executes a block at some widths.</summary>
/// <param name="Path">Operators, attributes and layouts: widths with another path run through other kernels.</param>
/// <param name="Stair">The path with the shapes of the constants as executed: widths on one stair do the same work, padding included.</param>
public readonly record struct BlockPath(string Path, string Stair);

/// <summary>What a block costs at some widths.</summary>
/// <param name="Time">Seconds of one execution.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="BytesMoved">Bytes read and written.</param>
/// <param name="WeightBytes">Bytes of its constants.</param>
/// <param name="ActivationBytes">Bytes of its results.</param>
public sealed record BlockMeasurement(Interval Time, long Macs, long BytesMoved, long WeightBytes, long ActivationBytes)
{
    /// <summary>Bytes of what leaves the block, without padding.</summary>
    public long OutputBytes { get; init; }

    /// <summary>A single reading: it serves until there is time for a better one.</summary>
    public bool IsHurried => Time.Count == 1;

    /// <summary>Which of its inputs and outputs are in the runtime's blocked layout.</summary>
    public BlockLayout Layout { get; init; }
}

/// <summary>Inputs and outputs of a block, as bits in the order of its model, that are in the runtime's blocked layout.</summary>
public readonly record struct BlockLayout(int Inputs, int Outputs);
