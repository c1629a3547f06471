using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Surgery;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Verification;

/// <summary>
/// The original with the units of a plan masked to zero, by multiplications inserted into the graph. It uses the plan and
/// nothing of the analysis or the slicing code, so that it can find them wrong: every weight that makes a removed unit is
/// multiplied by zero, and so is every weight that reads it. Quantised weights become their zero point instead.
/// </summary>
public static class MaskedModel
{
    /// <exception cref="InputException">The plan names tensors or indices that the model has not.</exception>
    public static OnnxModel Make(OnnxModel original, PruningPlan plan)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(plan);
        ModelProto proto = original.Proto.Clone();
        GraphProto graph = proto.Graph;
        var index = new GraphIndex(graph);
        var masked = new Dictionary<string, string>(StringComparer.Ordinal);
        var added = new List<NodeProto>();
        UnitSlice[] all = [.. plan.Units.SelectMany(u => u.Slices).Where(s => s.Role != SliceRole.Parameter)];
        IReadOnlyDictionary<string, ValueShape> shapes =
            all.Any(s => s.Role == SliceRole.Value) ? ShapeProbe.Run(original) : new Dictionary<string, ValueShape>();
        foreach (var slices in all.GroupBy(s => (s.Tensor, s.Axis)))
        {
            (string tensor, int axis) = slices.Key;
            bool isValue = slices.First().Role == SliceRole.Value;
            (DataType type, int[] dims) = isValue ? DescribeValue(shapes, tensor) : Describe(index, tensor);
            if (axis < 0 || axis >= dims.Length || slices.SelectMany(s => s.Indices).Any(i => i < 0 || i >= dims[axis]))
            {
                throw new InputException($"the plan cuts axis {axis} of '{tensor}', which has the dimensions [{string.Join(", ", dims)}]");
            }

            float[] mask = new float[dims[axis]];
            Array.Fill(mask, 1f);
            foreach (int i in slices.SelectMany(s => s.Indices))
            {
                mask[i] = 0;
            }

            long[] shape = [.. dims.Select((d, a) => a == axis ? (long)d : 1)];
            string name = $"edgeprune_mask/{tensor}/{axis}";
            string result = $"{name}/applied";
            string read = masked.GetValueOrDefault(tensor, tensor);
            if (!isValue && type is not (DataType.Float or DataType.Float16 or DataType.Double))
            {
                masked[tensor] = TypedMask.Add(graph, index, added, tensor, type, read, name, mask, shape);
                continue;
            }

            graph.Initializer.Add(OfType(name, type, mask, shape));
            if (isValue)
            {
                // Zero times infinity is no zero, so values are replaced and not multiplied.
                string keep = $"{name}/keep";
                string zero = $"{name}/zero";
                graph.Initializer.Add(OfType(zero, type, [0], []));
                added.Add(new NodeProto { OpType = "Cast", Name = keep, Input = { name }, Output = { keep }, Attribute = { IntAttribute("to", (int)DataType.Bool) } });
                added.Add(new NodeProto { OpType = "Where", Name = result, Input = { keep, read, zero }, Output = { result } });
            }
            else
            {
                added.Add(new NodeProto { OpType = "Mul", Name = result, Input = { read, name }, Output = { result } });
            }

            masked[tensor] = result;
        }

        foreach (NodeProto node in graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = masked.GetValueOrDefault(node.Input[i], node.Input[i]);
            }
        }

        graph.Node.AddRange(added);
        // Added nodes read constants that nodes of the graph make: put all in order.
        List<NodeProto> order = TopologicalOrder.TryOf(graph, out _) ?? throw new InvalidOperationException("masking made a cycle");
        graph.Node.Clear();
        graph.Node.AddRange(order);
        return OnnxModel.FromProto(proto, "the masked original");
    }

    private static AttributeProto IntAttribute(string name, long value) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    private static (DataType Type, int[] Dims) DescribeValue(IReadOnlyDictionary<string, ValueShape> shapes, string value) =>
        shapes.TryGetValue(value, out ValueShape? shape)
            ? ((DataType)(int)shape.Type, Array.ConvertAll(shape.Dims, d => checked((int)d)))
            : throw new InputException($"the plan masks '{value}', which is no value of this model");

    private static (DataType Type, int[] Dims) Describe(GraphIndex index, string tensor)
    {
        if (index.Constant(tensor) is { } constant)
        {
            return (ElementTypes.TypeOf(constant), TensorReader.Dims(constant));
        }

        if (index.Producer(tensor) is { OpType: "ConstantOfShape" } node && index.Constant(node.Input[0]) is { } shape)
        {
            DataType type = node.Find("value") is { T: { } value } ? ElementTypes.TypeOf(value) : DataType.Float;
            return (type, [.. TensorReader.ToInts(shape).Select(d => (int)d)]);
        }

        throw new InputException($"the plan cuts '{tensor}', which is no constant of this model");
    }

    private static TensorProto OfType(string name, DataType type, float[] mask, long[] shape) => type switch
    {
        DataType.Float => TensorEditor.FromFloats(name, mask, shape),
        DataType.Float16 => TensorEditor.FromRaw(name, type, [.. mask.SelectMany(m => BitConverter.GetBytes((Half)m))], shape),
        DataType.Double => TensorEditor.FromRaw(name, type, [.. mask.SelectMany(m => BitConverter.GetBytes((double)m))], shape),
        _ => throw new InputException($"a mask for weights of type {type} cannot be made"),
    };
}
