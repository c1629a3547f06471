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
/// Puts masks into a copy of a model: multiplications of weights, replacements of values. A mask is a constant of the graph, or
/// one of its inputs, which the caller then sets for each run. It uses nothing of the analysis or the slicing code, so that it can
/// find them wrong.
/// </summary>
internal sealed class MaskedGraph
{
    private readonly OnnxModel original;
    private readonly ModelProto proto;
    private readonly GraphIndex index;
    private readonly Dictionary<string, string> current = new(StringComparer.Ordinal);
    private readonly List<NodeProto> added = [];
    // Inputs of added nodes that must read a value as it stands once every mask is in place.
    private readonly List<(NodeProto Node, int Input)> pending = [];
    private IReadOnlyDictionary<string, ValueShape>? shapes;

    public MaskedGraph(OnnxModel original)
    {
        this.original = original;
        proto = original.Proto.Clone();
        index = new GraphIndex(original.Graph);
    }

    /// <summary>The name of the mask on an axis of a tensor.</summary>
    public static string NameOf(string tensor, int axis) => $"edgeprune_mask/{tensor}/{axis}";

    /// <summary>The name of the switch of a block or layer.</summary>
    public static string NameOf(RemovedBlock block) => $"edgeprune_skip/{block.Output}/{block.Branch}";

    /// <summary>Element type and dimensions of a tensor of parameters, or of a value between the layers.</summary>
    /// <exception cref="InputException">The model has no such tensor.</exception>
    public (DataType Type, int[] Dims) Describe(string tensor, bool isValue)
    {
        if (isValue)
        {
            shapes ??= ShapeProbe.Run(original);
            return shapes.TryGetValue(tensor, out ValueShape? shape)
                ? ((DataType)(int)shape.Type, Array.ConvertAll(shape.Dims, d => checked((int)d)))
                : throw new InputException($"the plan masks '{Printable.Name(tensor)}', which is no value of this model");
        }

        if (index.Constant(tensor) is { } constant)
        {
            return (ElementTypes.TypeOf(constant), TensorReader.Dims(constant));
        }

        if (index.Producer(tensor) is { OpType: "ConstantOfShape" } node && index.Constant(node.Input[0]) is { } dims)
        {
            DataType type = node.Find("value") is { T: { } value } ? ElementTypes.TypeOf(value) : DataType.Float;
            return (type, [.. TensorReader.ToInts(dims).Select(d => (int)d)]);
        }

        throw new InputException($"the plan cuts '{Printable.Name(tensor)}', which is no constant of this model");
    }

    /// <summary>Masks an axis of a tensor.</summary>
    /// <param name="tensor">Parameters, which are multiplied, or a value, which is replaced by zero: zero times infinity is no zero.</param>
    /// <param name="axis">Its axis.</param>
    /// <param name="isValue">True for a value between the layers.</param>
    /// <param name="mask">One and zero for each index; null makes the mask an input of the graph.</param>
    /// <returns>Name, type and shape of the mask.</returns>
    public MaskInput AddAxis(string tensor, int axis, bool isValue, float[]? mask)
    {
        (DataType type, int[] dims) = Describe(tensor, isValue);
        if (axis < 0 || axis >= dims.Length || (mask is not null && mask.Length != dims[axis]))
        {
            throw new InputException($"the plan cuts axis {axis} of '{Printable.Name(tensor)}', which has the dimensions {Printable.Dims(dims.Select(d => (long)d))}");
        }

        long[] shape = [.. dims.Select((d, a) => a == axis ? (long)d : 1)];
        return AddMask(tensor, NameOf(tensor, axis), type, isValue, mask, shape);
    }

    /// <summary>Masks single weights.</summary>
    public void AddWeights(WeightMask mask)
    {
        (DataType type, int[] dims) = Describe(mask.Tensor, isValue: false);
        long[] shape = Array.ConvertAll(dims, d => (long)d);
        if (!mask.Dims.SequenceEqual(shape))
        {
            throw new InputException($"the plan masks weights of '{Printable.Name(mask.Tensor)}' {Printable.Dims(mask.Dims)}, which is {Printable.Dims(shape)} in this model");
        }

        bool[] zero = mask.Read(ElementTypes.Count(shape, mask.Tensor));
        AddMask(mask.Tensor, $"edgeprune_weights/{mask.Tensor}", type, isValue: false, Array.ConvertAll(zero, z => z ? 0f : 1f), shape);
    }

    /// <summary>
    /// Puts a switch on a block or layer. For a block the operand of the sum becomes zero, for a layer everything reads its input in
    /// place of its output.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="isInput">True to make the switch an input of the graph (true keeps the block); false to skip the block for good.</param>
    public MaskInput AddBlock(RemovedBlock block, bool isInput)
    {
        NodeProto owner = proto.Graph.Node.FirstOrDefault(n => n.Output.Contains(block.Output))
            ?? throw new InputException($"the plan removes what makes '{Printable.Name(block.Output)}', which is no value of this model");
        string name = NameOf(block);
        Provide(name, DataType.Bool, isInput ? null : [0f], []);
        if (block.Kind == UnitKind.Layer)
        {
            SwitchLayer(owner, block, name);
        }
        else
        {
            SwitchBranch(owner, block, name);
        }

        return new MaskInput(name, DataType.Bool, []);
    }

    /// <summary>
    /// Continues channels beyond the border of the convolutions that read them, where those would read zeros: what folding a
    /// constant through padding means.
    /// </summary>
    /// <param name="weights">The weights of the convolutions.</param>
    /// <param name="channels">Indices along axis 1 of the weights.</param>
    public void ExtendBorders(string weights, IReadOnlyCollection<int> channels)
    {
        foreach (NodeProto node in proto.Graph.Node.Where(n => n.IsStandard() && n.OpType == "Conv" && n.Input[1] == weights))
        {
            if (node.GetInts("pads") is { } pads && pads.Any(p => p != 0))
            {
                ExtendBorders(node, pads, channels);
            }
        }
    }

    /// <summary>The masked model.</summary>
    public OnnxModel Build()
    {
        foreach ((NodeProto node, int input) in pending)
        {
            node.Input[input] = Current(node.Input[input]);
        }

        foreach (NodeProto node in proto.Graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                node.Input[i] = Current(node.Input[i]);
            }
        }

        proto.Graph.Node.AddRange(added);
        // Added nodes read constants that nodes of the graph make: put all in order.
        List<NodeProto> order = TopologicalOrder.TryOf(proto.Graph, out _) ?? throw new InvalidOperationException("masking made a cycle");
        proto.Graph.Node.Clear();
        proto.Graph.Node.AddRange(order);
        return OnnxModel.FromProto(proto, "the masked original");
    }

    private void ExtendBorders(NodeProto node, long[] pads, IReadOnlyCollection<int> channels)
    {
        (DataType type, int[] dims) = Describe(node.Input[1], isValue: false);
        int groups = (int)node.GetInt("group", 1);
        float[] mask = new float[dims[1] * groups];
        foreach (int channel in channels)
        {
            if (channel < 0 || channel >= dims[1])
            {
                throw new InputException($"the plan cuts index {channel} on axis 1 of '{Printable.Name(node.Input[1])}', which has {dims[1]}");
            }

            for (int group = 0; group < groups; group++)
            {
                mask[(group * dims[1]) + channel] = 1;
            }
        }

        string name = $"edgeprune_border/{node.Output[0]}";
        long[] perChannel = [.. Enumerable.Range(0, dims.Length).Select(axis => axis == 1 ? (long)mask.Length : 1)];
        proto.Graph.Initializer.Add(MaskParts.Tensor(name, DataType.Bool, mask, perChannel));
        proto.Graph.Initializer.Add(MaskParts.Tensor($"{name}/zero", type, [0], []));
        foreach ((string part, string mode) in new[] { ("live", "constant"), ("continued", "edge") })
        {
            bool continued = mode == "edge";
            string ifTrue = continued ? node.Input[0] : $"{name}/zero";
            string ifFalse = continued ? $"{name}/zero" : node.Input[0];
            Choose(name, $"{name}/{part}", ifTrue, ifFalse, type, late: continued ? 1 : 2);
            added.Add(MaskParts.Pad(proto.Graph, $"{name}/{part}", mode, pads, dims.Length, original.Opset));
        }

        added.Add(new NodeProto { OpType = "Add", Name = name, Input = { $"{name}/live/padded", $"{name}/continued/padded" }, Output = { $"{name}/applied" } });
        node.Input[0] = $"{name}/applied";
        node.SetInts("pads", new long[pads.Length]);
    }

    private void SwitchBranch(NodeProto owner, RemovedBlock block, string name)
    {
        int operand = owner.Input.IndexOf(block.Branch);
        if (operand < 0 || owner.OpType is not ("Add" or "Sum"))
        {
            throw new InputException($"the plan removes a branch '{Printable.Name(block.Branch)}' of {owner.Describe()}, which is no sum of it");
        }

        (DataType type, _) = Describe(block.Branch, isValue: true);
        proto.Graph.Initializer.Add(MaskParts.Tensor($"{name}/zero", type, [0], []));
        NodeProto choice = Choose(name, $"{name}/applied", block.Branch, $"{name}/zero", type, late: 1);
        // Only this operand is masked: others may read the branch too.
        owner.Input[operand] = choice.Output[0];
    }

    private void SwitchLayer(NodeProto owner, RemovedBlock block, string name)
    {
        string kept = block.Kept
            ?? throw new InputException($"the plan removes the layer that makes '{Printable.Name(block.Output)}' and names no value in its place");
        if (index.Outputs.Contains(block.Output))
        {
            // The name of a graph output must stay with the value that is chosen.
            string unskipped = $"{name}/unskipped";
            owner.Output[owner.Output.IndexOf(block.Output)] = unskipped;
            current[block.Output] = unskipped;
        }

        (DataType type, _) = Describe(block.Output, isValue: true);
        NodeProto choice = Choose(name, $"{name}/applied", Current(block.Output), kept, type, late: 2);
        if (index.Outputs.Contains(block.Output))
        {
            choice.Output[0] = block.Output;
        }

        current[block.Output] = choice.Output[0];
    }

    // Chooses between two values by a condition; the node that is returned makes the choice. The operand that late names, 1 or 2, is
    // read as it stands once every mask is in place.
    private NodeProto Choose(string condition, string name, string ifTrue, string ifFalse, DataType type, int late = 0)
    {
        var choice = new NodeProto { Name = name, Output = { name } };
        NodeProto[] readers = [choice, choice];
        if (original.Opset >= 9)
        {
            choice.OpType = "Where";
            choice.Input.Add([condition, ifTrue, ifFalse]);
        }
        else
        {
            // Where came with opset 9. The sum of two products is the same but for infinities, which become NaN and are then seen.
            string otherwise = $"{name}/otherwise";
            added.Add(new NodeProto { OpType = "Not", Name = otherwise, Input = { condition }, Output = { otherwise } });
            readers = [Product(condition, ifTrue, $"{name}/true"), Product(otherwise, ifFalse, $"{name}/false")];
            choice.OpType = "Add";
            choice.Input.Add([$"{name}/true", $"{name}/false"]);
        }

        added.Add(choice);
        if (late != 0)
        {
            NodeProto reader = readers[late - 1];
            pending.Add((reader, reader.Input.IndexOf(late == 1 ? ifTrue : ifFalse)));
        }

        return choice;

        NodeProto Product(string flag, string value, string product)
        {
            added.Add(MaskParts.Cast(flag, $"{product}/factor", type));
            var node = new NodeProto { OpType = "Mul", Name = product, Input = { value, $"{product}/factor" }, Output = { product } };
            added.Add(node);
            return node;
        }
    }

    private MaskInput AddMask(string tensor, string name, DataType type, bool isValue, float[]? mask, long[] shape)
    {
        bool isQuantized = !isValue && type is DataType.Int8 or DataType.Uint8 or DataType.Int16 or DataType.Uint16;
        bool replaces = isValue || isQuantized;
        // The runtime multiplies no bfloat16; float holds its values exactly.
        bool isBrain = !isValue && type == DataType.Bfloat16;
        DataType ofMask = replaces ? DataType.Bool : isBrain ? DataType.Float : type;
        Provide(name, ofMask, mask, shape);
        if (isQuantized)
        {
            // Stored integers stand for zero at their zero point; the runtime chooses between int32 values only.
            string wide = $"{name}/wide";
            added.Add(MaskParts.Cast(Current(tensor), wide, DataType.Int32));
            proto.Graph.Initializer.Add(QuantizedZero.Of(index, tensor, $"{name}/zero", shape.Length));
            NodeProto choice = Choose(name, $"{name}/applied", wide, $"{name}/zero", DataType.Int32);
            added.Add(MaskParts.Cast(choice.Output[0], $"{name}/narrow", type));
            current[tensor] = $"{name}/narrow";
        }
        else if (isValue)
        {
            proto.Graph.Initializer.Add(MaskParts.Tensor($"{name}/zero", type, [0], []));
            current[tensor] = Choose(name, $"{name}/applied", Current(tensor), $"{name}/zero", type).Output[0];
        }
        else
        {
            string read = Current(tensor);
            if (isBrain)
            {
                added.Add(MaskParts.Cast(read, $"{name}/wide", DataType.Float));
                read = $"{name}/wide";
            }

            added.Add(new NodeProto { OpType = "Mul", Name = $"{name}/applied", Input = { read, name }, Output = { $"{name}/applied" } });
            current[tensor] = $"{name}/applied";
            if (isBrain)
            {
                added.Add(MaskParts.Cast($"{name}/applied", $"{name}/narrow", type));
                current[tensor] = $"{name}/narrow";
            }
        }

        return new MaskInput(name, ofMask, shape);
    }

    private string Current(string value) => current.GetValueOrDefault(value, value);

    private void Provide(string name, DataType type, float[]? mask, long[] shape)
    {
        if (mask is not null)
        {
            proto.Graph.Initializer.Add(MaskParts.Tensor(name, type, mask, shape));
            return;
        }

        var dims = new TensorShapeProto();
        dims.Dim.Add(shape.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        proto.Graph.Input.Add(new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dims } },
        });
    }
}
