using EdgePrune.Onnx.Proto;
using Google.Protobuf;
using static EdgePrune.Onnx.Proto.AttributeProto.Types;

namespace EdgePrune.Onnx.Graphs;

/// <summary>Attributes of a node by name.</summary>
public static class NodeAttributes
{
    public static AttributeProto? Find(this NodeProto node, string name)
    {
        ArgumentNullException.ThrowIfNull(node);
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.Name == name)
            {
                return attribute;
            }
        }

        return null;
    }

    public static long GetInt(this NodeProto node, string name, long otherwise) =>
        node.Find(name) is { HasI: true } a ? a.I : otherwise;

    public static string GetString(this NodeProto node, string name, string otherwise) =>
        node.Find(name) is { HasS: true } a ? a.S.ToStringUtf8() : otherwise;

    /// <summary>The list, or null where the node does not say.</summary>
    public static long[]? GetInts(this NodeProto node, string name) => node.Find(name) is { } a ? [.. a.Ints] : null;

    public static void SetInt(this NodeProto node, string name, long value)
    {
        AttributeProto attribute = Obtain(node, name, AttributeType.Int);
        attribute.I = value;
    }

    public static void SetInts(this NodeProto node, string name, IEnumerable<long> values)
    {
        AttributeProto attribute = Obtain(node, name, AttributeType.Ints);
        attribute.Ints.Clear();
        attribute.Ints.AddRange(values);
    }

    public static void SetFloat(this NodeProto node, string name, float value) => Obtain(node, name, AttributeType.Float).F = value;

    public static void SetString(this NodeProto node, string name, string value) =>
        Obtain(node, name, AttributeType.String).S = ByteString.CopyFromUtf8(value);

    /// <summary>True for an operator of the standard's own domain.</summary>
    public static bool IsStandard(this NodeProto node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Domain is "" or "ai.onnx";
    }

    /// <summary>How messages name a node: its name, or its operator and first output.</summary>
    public static string Describe(this NodeProto node)
    {
        ArgumentNullException.ThrowIfNull(node);
        string op = Printable.Name(node.OpType);
        return node.Name.Length > 0 ? $"{op} '{Printable.Name(node.Name)}'" : $"{op} → '{Printable.Name(node.Output.FirstOrDefault() ?? "")}'";
    }

    /// <summary>Input <paramref name="index"/>, or null where it is left out.</summary>
    public static string? InputAt(this NodeProto node, int index)
    {
        ArgumentNullException.ThrowIfNull(node);
        return index < node.Input.Count && node.Input[index].Length > 0 ? node.Input[index] : null;
    }

    private static AttributeProto Obtain(NodeProto node, string name, AttributeType type)
    {
        if (node.Find(name) is { } existing)
        {
            existing.Type = type;
            return existing;
        }

        var made = new AttributeProto { Name = name, Type = type };
        node.Attribute.Add(made);
        return made;
    }
}
