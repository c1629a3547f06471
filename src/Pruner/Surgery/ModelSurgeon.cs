using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Surgery;

/// <summary>
/// Removes units from a model: slices every tensor of parameters, rewrites what nodes say of widths, drops what is no longer
/// used. The result computes what the original computes with those units masked to zero.
/// </summary>
public static class ModelSurgeon
{
    /// <summary>A pruned copy.</summary>
    /// <param name="model">The original; it is left as it is.</param>
    /// <param name="coupling">Its analysis.</param>
    /// <param name="removed">Ids of the units that go.</param>
    /// <exception cref="InputException">An axis would lose its last index.</exception>
    public static OnnxModel Apply(OnnxModel model, CouplingResult coupling, IReadOnlyCollection<int> removed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(removed);
        CheckFloors(coupling, removed);
        OnnxModel copy = model.Clone();
        HashSet<string> unusedBefore = Unused(copy.Graph);
        var context = new SurgeryContext(coupling, removed, copy.Graph);
        for (int i = 0; i < copy.Graph.Initializer.Count; i++)
        {
            TensorProto initializer = copy.Graph.Initializer[i];
            if (coupling.Sources.ContainsKey(initializer.Name) && context.IsCut(initializer.Name))
            {
                copy.Graph.Initializer[i] = context.Take(initializer.Name, initializer);
            }
        }

        foreach (NodeProto node in copy.Graph.Node)
        {
            OperatorRules.Find(node)?.Rewrite(node, context);
        }

        Insert(copy.Graph, context.AddedNodes);
        RewriteDeclarations(copy.Graph, context);
        DropUnused(copy.Graph, unusedBefore);
        return copy;
    }

    /// <summary>A pruned copy, from a plan made earlier for the same model.</summary>
    /// <exception cref="InputException">The plan was made for another model, or does not fit its units.</exception>
    public static OnnxModel Apply(OnnxModel model, PruningPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        string digest = PruningPlan.Digest(model);
        if (plan.ModelDigest != digest)
        {
            throw new InputException($"the plan was made for the model {plan.ModelDigest}, this one is {digest}");
        }

        CouplingResult coupling = CouplingAnalysis.Run(model, options: plan.Coupling);
        foreach (RemovedUnit unit in plan.Units)
        {
            if (unit.Unit < 0 || unit.Unit >= coupling.Units.Count || !SameSlices(coupling.Units[unit.Unit].Slices, unit.Slices))
            {
                throw new InputException($"the plan's unit {unit.Unit} is not a unit of this model");
            }
        }

        return Apply(model, coupling, [.. plan.Units.Select(u => u.Unit)]);
    }

    private static void Insert(GraphProto graph, List<NodeProto> added)
    {
        if (added.Count == 0)
        {
            return;
        }

        graph.Node.AddRange(added);
        List<NodeProto> order = TopologicalOrder.TryOf(graph, out _) ?? throw new InvalidOperationException("a rewritten shape made a cycle");
        graph.Node.Clear();
        graph.Node.AddRange(order);
    }

    private static bool SameSlices(IReadOnlyList<UnitSlice> a, IReadOnlyList<UnitSlice> b) =>
        a.Count == b.Count && a.Zip(b).All(p =>
            p.First.Tensor == p.Second.Tensor && p.First.Axis == p.Second.Axis && p.First.Role == p.Second.Role && p.First.Indices.SequenceEqual(p.Second.Indices));

    private static void CheckFloors(CouplingResult coupling, IReadOnlyCollection<int> removed)
    {
        var gone = removed.ToHashSet();
        foreach (UnitGroup group in coupling.Groups)
        {
            if (group.Units.All(u => gone.Contains(u.Id)))
            {
                TensorAxis axis = group.Slices[0];
                throw new InputException($"all {group.Units.Count} units of group {group.Id} would go (axis {axis.Axis} of '{axis.Tensor}'): at least one must stay");
            }
        }
    }

    // Shapes that the file declares for inner values (and, up to IR version 3, for initializers among the inputs) are hints; stale ones are errors.
    private static void RewriteDeclarations(GraphProto graph, SurgeryContext context)
    {
        foreach (ValueInfoProto value in graph.ValueInfo.Concat(graph.Input).Concat(graph.Output).Where(v => context.IsCut(v.Name)))
        {
            TensorShapeProto? shape = value.Type?.TensorType?.Shape;
            for (int axis = 0; axis < shape?.Dim.Count; axis++)
            {
                if (context.IsCut(value.Name, axis))
                {
                    shape.Dim[axis] = new TensorShapeProto.Types.Dimension { DimValue = context.LengthAfter(value.Name, axis) };
                }
            }
        }
    }

    private static HashSet<string> Unused(GraphProto graph)
    {
        var index = new GraphIndex(graph);
        return [.. graph.Initializer.Select(i => i.Name).Where(n => index.Consumers(n).Count == 0 && !index.Outputs.Contains(n))];
    }

    private static void DropUnused(GraphProto graph, HashSet<string> unusedBefore)
    {
        HashSet<string> unused = Unused(graph);
        unused.ExceptWith(unusedBefore);
        foreach (TensorProto initializer in graph.Initializer.Where(i => unused.Contains(i.Name)).ToArray())
        {
            graph.Initializer.Remove(initializer);
        }

        foreach (ValueInfoProto input in graph.Input.Where(i => unused.Contains(i.Name)).ToArray())
        {
            graph.Input.Remove(input);
        }
    }
}
