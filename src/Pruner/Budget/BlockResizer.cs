using System.Runtime.CompilerServices;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Profiler.Costs;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Budget;

/// <summary>
/// Cuts the blocks that a cost sweep measures, with the same analysis and surgery that cut the network. A block's borders are
/// open along the axes that can be cut in the network; axes that are frozen there keep their width.
/// </summary>
public sealed class BlockResizer : IBlockResizer
{
    private readonly CouplingResult network;
    private readonly ConditionalWeakTable<OnnxModel, Block> known = [];

    /// <param name="network">Analysis of the model that the blocks come from.</param>
    public BlockResizer(CouplingResult network)
    {
        ArgumentNullException.ThrowIfNull(network);
        this.network = network;
    }

    private sealed record Block(CouplingResult Coupling, IReadOnlyList<UnitGroup> Free);

    public IReadOnlyList<int> FullWidths(OnnxModel block) => [.. Analyse(block).Free.Select(g => g.Units.Count)];

    public OnnxModel Resize(OnnxModel block, IReadOnlyList<int> widths)
    {
        ArgumentNullException.ThrowIfNull(widths);
        Block analysed = Analyse(block);
        int[] removed = [.. analysed.Free.SelectMany((group, i) => group.Units.Skip(widths[i]).Select(u => u.Id))];
        return ModelSurgeon.Apply(block, analysed.Coupling, removed);
    }

    /// <summary>The block's widths in terms of the network's groups, in the order of <see cref="FullWidths"/>.</summary>
    public IReadOnlyList<LayerWidth> WidthsOf(OnnxModel block) => [.. Analyse(block).Free.Select(WidthOf)];

    private LayerWidth WidthOf(UnitGroup group)
    {
        int[] units = [.. group.Units.Select(NetworkUnit)];
        WidthPart[] parts = [.. units.Where(u => u >= 0)
            .GroupBy(u => network.Units[u].Group)
            .Select(g => new WidthPart(g.Key, g.Count() / g.Distinct().Count()))];
        int frozen = units.Count(u => u < 0);
        // A block alone can fall into other units than the network does: one that splits heads sees the places within a head. Where its
        // widths are no sums of the network's, it counts as it is.
        return frozen + parts.Sum(p => p.Each * network.Groups[p.Group].Units.Count) == units.Length
            ? new LayerWidth(frozen, parts)
            : new LayerWidth(units.Length, []);
    }

    // The unit of the network that a unit of the block belongs to, −1 where it is frozen there.
    private int NetworkUnit(Unit unit)
    {
        UnitSlice slice = unit.Slices[0];
        return network.UnitsAlong(slice.Tensor, slice.Axis) is { } along ? along[slice.Indices[0]] : -1;
    }

    private Block Analyse(OnnxModel block) => known.GetValue(block, b =>
    {
        Dictionary<string, IReadOnlyList<int>> open = new GraphIndex(b.Graph).Inputs.ToDictionary(
            i => i.Name,
            i => (IReadOnlyList<int>)[.. network.LiveAxes(i.Name).Where(axis => network.UnitsAlong(i.Name, axis)!.Any(u => u >= 0))],
            StringComparer.Ordinal);
        CouplingResult coupling = CouplingAnalysis.Run(b, shapes: null, open, network.Options);
        return new Block(coupling, [.. coupling.Groups.Where(g => g.Units.Any(u => NetworkUnit(u) >= 0))]);
    });
}
