using System.Text.Unicode;
using EdgePrune.Onnx.Proto;
using Google.Protobuf.Reflection;

namespace EdgePrune.Onnx.Reading;

/// <summary>
/// Walks the wire form of a model and counts what parsing it would create, without creating it: messages, strings, values, and
/// fields that the schema does not know (which the parser keeps, at a hundred bytes each). It is stricter than the parser, so
/// that both always see the same fields.
/// </summary>
internal sealed class WireScanner
{
    private const int MaxTypeDepth = 16;
    private const int Unlike = -1;

    private static readonly Dictionary<MessageDescriptor, Dictionary<int, FieldDescriptor>> Schema = Describe(ModelProto.Descriptor);

    private readonly ModelLimits limits;
    private readonly string source;
    private long payload;
    private int parts;
    private int nodes;

    private WireScanner(ModelLimits limits, string source)
    {
        this.limits = limits;
        this.source = source;
    }

    /// <summary>
    /// Throws <see cref="InputException"/> where the bytes are not protocol buffers or go beyond the limits. Gives the bytes
    /// that values and raw data will take in memory.
    /// </summary>
    public static long Check(ReadOnlySpan<byte> bytes, ModelLimits limits, string source)
    {
        var scanner = new WireScanner(limits, source);
        scanner.Walk(bytes, ModelProto.Descriptor, graphDepth: 0, typeDepth: 0);
        return scanner.payload;
    }

    private static Dictionary<MessageDescriptor, Dictionary<int, FieldDescriptor>> Describe(MessageDescriptor root)
    {
        var schema = new Dictionary<MessageDescriptor, Dictionary<int, FieldDescriptor>>();
        var open = new Stack<MessageDescriptor>([root]);
        while (open.TryPop(out MessageDescriptor? message))
        {
            if (schema.TryAdd(message, message.Fields.InDeclarationOrder().ToDictionary(f => f.FieldNumber)))
            {
                foreach (FieldDescriptor field in message.Fields.InDeclarationOrder().Where(f => f.FieldType == FieldType.Message))
                {
                    open.Push(field.MessageType);
                }
            }
        }

        return schema;
    }

    private void Walk(ReadOnlySpan<byte> bytes, MessageDescriptor message, int graphDepth, int typeDepth)
    {
        CountPart();
        if (message == NodeProto.Descriptor && ++nodes > limits.MaxNodes)
        {
            throw new InputException($"{source}: more than {limits.MaxNodes:N0} nodes");
        }

        if (message == GraphProto.Descriptor && ++graphDepth > limits.MaxGraphDepth)
        {
            throw new InputException($"{source}: graphs nested more than {limits.MaxGraphDepth} deep");
        }

        if (message == TypeProto.Descriptor && ++typeDepth > MaxTypeDepth)
        {
            throw new InputException($"{source}: a type nested more than {MaxTypeDepth} deep");
        }

        Dictionary<int, FieldDescriptor> fields = Schema[message];
        int at = 0;
        while (at < bytes.Length)
        {
            ulong tag = ReadVarint(bytes, ref at);
            // The parser reads tags as 32 bits and drops the rest: a longer one would mean another field to it than to us.
            if (tag is > uint.MaxValue or < 8)
            {
                throw Broken();
            }

            FieldDescriptor? field = fields.GetValueOrDefault((int)(tag >> 3));
            int width = field is null ? Unlike : Width(field.FieldType);
            switch (tag & 7)
            {
                case 0:
                    ReadVarint(bytes, ref at);
                    CountScalar(field, width == 0);
                    break;
                case 1:
                    Skip(bytes, ref at, 8);
                    CountScalar(field, width == 8);
                    break;
                case 5:
                    Skip(bytes, ref at, 4);
                    CountScalar(field, width == 4);
                    break;
                case 2:
                    int length = ReadLength(bytes, ref at);
                    WalkDelimited(bytes.Slice(at, length), field, graphDepth, typeDepth);
                    at += length;
                    break;
                default:
                    throw Broken(); // groups went out of use before ONNX was made
            }
        }
    }

    private void WalkDelimited(ReadOnlySpan<byte> content, FieldDescriptor? field, int graphDepth, int typeDepth)
    {
        switch (field?.FieldType)
        {
            case FieldType.Message:
                Walk(content, field.MessageType, graphDepth, typeDepth);
                break;
            case FieldType.String when !Utf8.IsValid(content):
                throw new InputException($"{source}: '{field.Name}' of a {field.ContainingType.Name} is not UTF-8 text; the file is damaged or was not written by an ONNX exporter");
            case FieldType.String or FieldType.Bytes or null:
                CountPart();
                CountPayload(content.Length);
                break;
            default:
                CountPacked(content, field);
                break;
        }
    }

    private void CountPacked(ReadOnlySpan<byte> content, FieldDescriptor field)
    {
        int width = Width(field.FieldType);
        if (!field.IsRepeated)
        {
            CountPart(); // the parser keeps it as a field that it does not know
            CountPayload(content.Length);
            return;
        }

        if (width > 0)
        {
            CountPayload(content.Length);
            return;
        }

        long values = 0;
        foreach (byte b in content)
        {
            values += b < 0x80 ? 1 : 0;
        }

        CountPayload(values * MemoryWidth(field.FieldType));
    }

    private void CountScalar(FieldDescriptor? field, bool likeSchema)
    {
        if (field is null || !likeSchema)
        {
            CountPart();
        }
        else if (field.IsRepeated)
        {
            CountPayload(MemoryWidth(field.FieldType));
        }
    }

    private void CountPart()
    {
        if (++parts > limits.MaxParts)
        {
            throw new InputException($"{source}: more than {limits.MaxParts:N0} parts; this is not a model that a board can run");
        }
    }

    private void CountPayload(long bytes)
    {
        payload += bytes;
        if (payload > limits.MaxInitializerBytes)
        {
            throw new InputException($"{source}: its values take more than {limits.MaxInitializerBytes:N0} bytes, which is the limit");
        }
    }

    /// <summary>Bytes on the wire, 0 for a varint.</summary>
    private static int Width(FieldType type) => type switch
    {
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => 8,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => 4,
        FieldType.Message or FieldType.String or FieldType.Bytes or FieldType.Group => Unlike,
        _ => 0,
    };

    private static int MemoryWidth(FieldType type) =>
        type is FieldType.Int64 or FieldType.UInt64 or FieldType.SInt64 or FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 ? 8 : 4;

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

    private int ReadLength(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong length = ReadVarint(bytes, ref at);
        return length <= (ulong)(bytes.Length - at) ? (int)length : throw Broken();
    }

    private void Skip(ReadOnlySpan<byte> bytes, ref int at, int length)
    {
        if (length > bytes.Length - at)
        {
            throw Broken();
        }

        at += length;
    }

    private InputException Broken() =>
        new($"{source}: not an ONNX model, or cut off: the bytes do not parse as the ONNX protocol buffer");
}
