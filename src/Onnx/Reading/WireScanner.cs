namespace EdgePrune.Onnx.Reading;

/// <summary>
/// Walks the wire form of a model and counts what parsing it would create, without creating it. Only messages that can repeat
/// or nest are followed; everything else is skipped by its length.
/// </summary>
internal sealed class WireScanner
{
    private enum Kind
    {
        Model,
        Graph,
        Node,
        Attribute,
        Tensor,
        ValueInfo,
        Function,
        Training,
        SparseTensor,
        Type,
        TensorType,
        Shape,
        SequenceType,
        MapType,
        Leaf,
    }

    // Field numbers of onnx.proto that hold messages.
    private static readonly Dictionary<Kind, Dictionary<int, Kind>> Children = new()
    {
        [Kind.Model] = new() { [7] = Kind.Graph, [8] = Kind.Leaf, [14] = Kind.Leaf, [20] = Kind.Training, [25] = Kind.Function, [26] = Kind.Leaf },
        [Kind.Training] = new() { [1] = Kind.Graph, [2] = Kind.Graph, [3] = Kind.Leaf, [4] = Kind.Leaf },
        [Kind.Function] = new() { [7] = Kind.Node, [9] = Kind.Leaf, [11] = Kind.Attribute, [12] = Kind.ValueInfo, [14] = Kind.Leaf },
        [Kind.Graph] = new() { [1] = Kind.Node, [5] = Kind.Tensor, [11] = Kind.ValueInfo, [12] = Kind.ValueInfo, [13] = Kind.ValueInfo, [14] = Kind.Leaf, [15] = Kind.SparseTensor, [16] = Kind.Leaf },
        [Kind.Node] = new() { [5] = Kind.Attribute, [9] = Kind.Leaf, [10] = Kind.Leaf },
        [Kind.Attribute] = new() { [5] = Kind.Tensor, [6] = Kind.Graph, [10] = Kind.Tensor, [11] = Kind.Graph, [14] = Kind.Type, [15] = Kind.Type, [22] = Kind.SparseTensor, [23] = Kind.SparseTensor },
        [Kind.Tensor] = new() { [3] = Kind.Leaf, [13] = Kind.Leaf, [16] = Kind.Leaf },
        [Kind.SparseTensor] = new() { [1] = Kind.Tensor, [2] = Kind.Tensor },
        [Kind.ValueInfo] = new() { [2] = Kind.Type, [4] = Kind.Leaf },
        [Kind.Type] = new() { [1] = Kind.TensorType, [4] = Kind.SequenceType, [5] = Kind.MapType, [7] = Kind.Leaf, [8] = Kind.TensorType, [9] = Kind.SequenceType },
        [Kind.TensorType] = new() { [2] = Kind.Shape },
        [Kind.Shape] = new() { [1] = Kind.Leaf },
        [Kind.SequenceType] = new() { [1] = Kind.Type },
        [Kind.MapType] = new() { [2] = Kind.Type },
        [Kind.Leaf] = [],
    };

    private readonly ModelLimits limits;
    private readonly string source;
    private int messages;
    private int nodes;

    private WireScanner(ModelLimits limits, string source)
    {
        this.limits = limits;
        this.source = source;
    }

    /// <summary>Throws <see cref="InputException"/> where the bytes are not protocol buffers or go beyond the limits.</summary>
    public static void Check(ReadOnlySpan<byte> bytes, ModelLimits limits, string source) =>
        new WireScanner(limits, source).Walk(bytes, Kind.Model, graphDepth: 0, typeDepth: 0);

    private void Walk(ReadOnlySpan<byte> bytes, Kind kind, int graphDepth, int typeDepth)
    {
        if (++messages > limits.MaxMessages)
        {
            throw new InputException($"{source}: more than {limits.MaxMessages:N0} parts; this is not a model that a board can run");
        }

        switch (kind)
        {
            case Kind.Node when ++nodes > limits.MaxNodes:
                throw new InputException($"{source}: more than {limits.MaxNodes:N0} nodes");
            case Kind.Graph when ++graphDepth > limits.MaxGraphDepth:
                throw new InputException($"{source}: graphs nested more than {limits.MaxGraphDepth} deep");
            case Kind.Type when ++typeDepth > 16:
                throw new InputException($"{source}: a type nested more than 16 deep");
        }

        Dictionary<int, Kind> children = Children[kind];
        int at = 0;
        while (at < bytes.Length)
        {
            ulong tag = ReadVarint(bytes, ref at);
            int field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    ReadVarint(bytes, ref at);
                    break;
                case 1:
                    Skip(bytes, ref at, 8);
                    break;
                case 5:
                    Skip(bytes, ref at, 4);
                    break;
                case 2:
                    ulong length = ReadVarint(bytes, ref at);
                    int start = at;
                    Skip(bytes, ref at, length);
                    if (children.TryGetValue(field, out Kind child))
                    {
                        Walk(bytes[start..at], child, graphDepth, typeDepth);
                    }

                    break;
                default:
                    throw Broken();
            }

            if (field == 0)
            {
                throw Broken();
            }
        }
    }

    private ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (at >= bytes.Length)
            {
                throw Broken();
            }

            byte next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Broken();
    }

    private void Skip(ReadOnlySpan<byte> bytes, ref int at, ulong length)
    {
        if (length > (ulong)(bytes.Length - at))
        {
            throw Broken();
        }

        at += (int)length;
    }

    private InputException Broken() =>
        new($"{source}: not an ONNX model, or cut off: the bytes do not parse as the ONNX protocol buffer");
}
