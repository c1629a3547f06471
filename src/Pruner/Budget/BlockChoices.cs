using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Budget;

/// <summary>What the solver must know of the blocks and layers of a model.</summary>
internal static class BlockChoices
{
    /// <param name="blocks">Blocks and layers.</param>
    /// <param name="coupling">The units of the same model.</param>
    /// <param name="scores">Importance by unit.</param>
    /// <param name="nodesOf">For each cost term the nodes, by first output, without which there is nothing left of it; none for parameters.</param>
    /// <param name="tensorOf">For each cost term the tensor of parameters that it counts, or null.</param>
    /// <param name="values">For each value the name.</param>
    public static IReadOnlyList<BlockChoice> Of(
        IReadOnlyList<BlockUnit> blocks,
        CouplingResult coupling,
        IReadOnlyList<double> scores,
        IReadOnlyList<IReadOnlyList<string>> nodesOf,
        IReadOnlyList<string?> tensorOf,
        IReadOnlyList<string> values)
    {
        double density = Density(coupling, scores);
        return [.. blocks.Select((block, place) =>
        {
            var nodes = block.Nodes.ToHashSet(StringComparer.Ordinal);
            var parameters = block.Parameters.ToHashSet(StringComparer.Ordinal);
            int[] groups = [.. coupling.Groups.Where(g => g.Slices.All(s => parameters.Contains(s.Tensor) || nodes.Contains(s.Tensor))).Select(g => g.Id)];
            double own = groups.Sum(g => coupling.Groups[g].Units.Sum(u => scores[u.Id]));
            return new BlockChoice(
                block.Id,
                // A block without units of its own is worth what its parameters are worth elsewhere.
                groups.Length > 0 ? own : density * block.ParameterCount,
                groups,
                [.. Enumerable.Range(0, nodesOf.Count).Where(t => (nodesOf[t].Count > 0 && nodesOf[t].All(nodes.Contains)) || (tensorOf[t] is { } tensor && parameters.Contains(tensor)))],
                [.. Enumerable.Range(0, values.Count).Where(v => nodes.Contains(values[v]))],
                [.. Enumerable.Range(0, blocks.Count).Where(other => other != place && (blocks[other].Output == block.Output || blocks[other].Nodes.Any(nodes.Contains)))]);
        })];
    }

    // Importance of one parameter, on the average over all units.
    private static double Density(CouplingResult coupling, IReadOnlyList<double> scores)
    {
        double parameters = coupling.Units.Sum(u => u.Slices.Where(s => s.Role != SliceRole.Value).Sum(s => Elements(coupling, s)));
        return parameters > 0 ? scores.Sum() / parameters : 0;
    }

    private static double Elements(CouplingResult coupling, UnitSlice slice) =>
        coupling.Context.Index.Initializer(slice.Tensor) is { } tensor && slice.Axis < tensor.Dims.Count && tensor.Dims[slice.Axis] > 0
            ? tensor.Dims.Aggregate(1.0, (product, d) => product * d) / tensor.Dims[slice.Axis] * slice.Indices.Count
            : 0;
}
