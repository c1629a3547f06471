using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery.Constants;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Surgery;

/// <summary>The steps of an operation, one after the other.</summary>
internal static class Cutting
{
    /// <summary>A pruned copy, and what became of the constant of each unit.</summary>
    /// <param name="model">The original; it is left as it is.</param>
    /// <param name="coupling">Its analysis.</param>
    /// <param name="units">Units that go, and what is wanted for their constants.</param>
    /// <param name="blocks">Blocks and layers that go.</param>
    /// <param name="weights">Single weights that become zero.</param>
    public static (OnnxModel Model, IReadOnlyDictionary<int, UnitConstant> Fates) Run(
        OnnxModel model,
        CouplingResult coupling,
        IReadOnlyDictionary<int, ConstantHandling> units,
        IReadOnlyCollection<RemovedBlock> blocks,
        IReadOnlyCollection<WeightMask> weights)
    {
        if (model.Proto.TrainingInfo.Count > 0)
        {
            throw new InputException($"{model.Source} holds training_info, whose graphs know the widths of the original; save the model without it and prune that");
        }

        if (weights.Count > 0)
        {
            model = Zeroed(model, weights);
        }

        if (blocks.Count == 0)
        {
            ConstantFolding folding = ConstantFolding.Of(model, coupling, units, []);
            return (Cut(model, coupling, units.Keys, folding), folding.Fates);
        }

        CheckFloors(coupling, units.Keys);
        model = BlockRemover.Remove(model, blocks);
        CouplingResult rest = CouplingAnalysis.Run(model, coupling.Context.Shapes, coupling.Options);
        IReadOnlyDictionary<int, IReadOnlyList<int>> own = UnitTransfer.Find(coupling, rest, [.. units.Keys]);
        var inRest = new Dictionary<int, ConstantHandling>();
        foreach ((int unit, IReadOnlyList<int> parts) in own)
        {
            foreach (int part in parts)
            {
                // A part that stands for several units takes the handling that asks for least.
                inRest[part] = (ConstantHandling)Math.Min((int)units[unit], (int)inRest.GetValueOrDefault(part, units[unit]));
            }
        }

        ConstantFolding restFolding = ConstantFolding.Of(model, rest, inRest, own.Values);
        var fates = own.ToDictionary(o => o.Key, o => o.Value.Count > 0 ? restFolding.Fates[o.Value[0]] : new UnitConstant(ConstantFate.Dropped, null));
        return (Cut(model, rest, inRest.Keys, restFolding), fates);
    }

    private static OnnxModel Cut(OnnxModel model, CouplingResult coupling, IEnumerable<int> units, ConstantFolding folding)
    {
        HashSet<int> removed = [.. units];
        CheckFloors(coupling, removed);
        OnnxModel copy = model.Clone();
        var context = new SurgeryContext(coupling, removed, copy.Graph);
        NodeProto[] nodes = [.. copy.Graph.Node];
        for (int i = 0; i < copy.Graph.Initializer.Count; i++)
        {
            TensorProto initializer = copy.Graph.Initializer[i];
            if (coupling.Sources.ContainsKey(initializer.Name) && context.IsCut(initializer.Name))
            {
                copy.Graph.Initializer[i] = context.Take(initializer.Name, initializer);
            }
        }

        foreach (NodeProto node in nodes)
        {
            OperatorRules.Find(node)?.Rewrite(node, context);
        }

        Insert(copy.Graph, context.AddedNodes);
        Fold(coupling, context, copy.Graph, nodes, folding);
        RewriteDeclarations(copy.Graph, context);
        DeadCode.Remove(copy.Graph);
        if (copy.Proto.IrVersion < 4)
        {
            DeclareInitializers(copy.Graph);
        }

        return copy;
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

    // Up to IR version 3 every initializer stands among the inputs too, those that the cut has made included.
    private static void DeclareInitializers(GraphProto graph)
    {
        HashSet<string> inputs = [.. graph.Input.Select(i => i.Name)];
        foreach (TensorProto initializer in graph.Initializer.Where(i => !inputs.Contains(i.Name)))
        {
            var shape = new TensorShapeProto();
            shape.Dim.Add(initializer.Dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
            graph.Input.Add(new ValueInfoProto
            {
                Name = initializer.Name,
                Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = initializer.DataType, Shape = shape } },
            });
        }
    }

    private static void Fold(CouplingResult coupling, SurgeryContext context, GraphProto graph, NodeProto[] nodes, ConstantFolding folding)
    {
        var places = new Dictionary<NodeProto, int>(ReferenceEqualityComparer.Instance);
        foreach (NodeProto node in coupling.Context.Index.Graph.Node)
        {
            places[node] = places.Count;
        }

        foreach ((ConstantReader reader, double[] sums) in folding.Sums.OrderBy(s => places[s.Key.Node]))
        {
            string output = reader.Node.Output[0];
            int axis = reader.OutputAxis(context.Rank(output));
            double[] left = [.. sums.Where((_, i) => context.Survives(output, axis, i))];
            var type = (DataType)(int)coupling.Context.Shapes[output].Type;
            // A new editor for each: an edit changes who reads what.
            new BiasEditor(graph, context).Add(nodes[places[reader.Node]], left, type);
        }
    }

    private static OnnxModel Zeroed(OnnxModel model, IReadOnlyCollection<WeightMask> masks)
    {
        OnnxModel copy = model.Clone();
        var index = new GraphIndex(copy.Graph);
        foreach (WeightMask mask in masks)
        {
            TensorProto tensor = index.Constant(mask.Tensor)
                ?? throw new InputException($"the plan masks weights of '{Printable.Name(mask.Tensor)}', which is no tensor of this model");
            if (!tensor.Dims.SequenceEqual(mask.Dims) || ElementTypes.TypeOf(tensor) is not (DataType.Float or DataType.Float16 or DataType.Double))
            {
                throw new InputException($"the plan masks weights of '{Printable.Name(mask.Tensor)}' {Printable.Dims(mask.Dims)}, which holds {ElementTypes.TypeOf(tensor)} {Printable.Dims(tensor.Dims)} in this model");
            }

            TensorProto zeroed = TensorEditor.ZeroElements(tensor, mask.Read(TensorReader.Count(tensor)));
            int place = Enumerable.Range(0, copy.Graph.Initializer.Count).FirstOrDefault(i => copy.Graph.Initializer[i].Name == mask.Tensor, -1);
            if (place >= 0)
            {
                copy.Graph.Initializer[place] = zeroed;
            }
            else
            {
                index.Producer(mask.Tensor)!.Find("value")!.T = zeroed;
            }
        }

        return copy;
    }

    private static void CheckFloors(CouplingResult coupling, IEnumerable<int> removed)
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
}
