using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Verification;

/// <summary>Tensors and nodes that masks are made of.</summary>
internal static class MaskParts
{
    /// <summary>A tensor of a type that masks can have.</summary>
    /// <exception cref="InputException">Masks of this type cannot be made.</exception>
    public static TensorProto Tensor(string name, DataType type, float[] mask, long[] shape) => type switch
    {
        DataType.Float => TensorEditor.FromFloats(name, mask, shape),
        DataType.Bool => TensorEditor.FromRaw(name, type, Array.ConvertAll(mask, m => (byte)m), shape),
        DataType.Float16 => TensorEditor.FromRaw(name, type, [.. mask.SelectMany(m => BitConverter.GetBytes((Half)m))], shape),
        DataType.Double => TensorEditor.FromRaw(name, type, [.. mask.SelectMany(m => BitConverter.GetBytes((double)m))], shape),
        _ => throw new InputException($"a mask for weights of type {type} cannot be made"),
    };

    /// <summary>A node that converts a value.</summary>
    public static NodeProto Cast(string from, string to, DataType type)
    {
        var node = new NodeProto { OpType = "Cast", Name = to, Input = { from }, Output = { to } };
        node.SetInt("to", (int)type);
        return node;
    }

    /// <summary>A node that pads the last axes of a value; its output has the value's name and "/padded".</summary>
    /// <param name="graph">Where the pads go as a constant: they were an attribute before opset 11.</param>
    /// <param name="value">What is padded.</param>
    /// <param name="mode">constant (zeros) or edge.</param>
    /// <param name="spatial">Begin of each of the last axes, then end of each.</param>
    /// <param name="rank">Number of axes.</param>
    /// <param name="opset">Version of the standard operators.</param>
    public static NodeProto Pad(GraphProto graph, string value, string mode, long[] spatial, int rank, int opset)
    {
        int half = spatial.Length / 2;
        long[] pads = [.. new long[rank - half], .. spatial[..half], .. new long[rank - half], .. spatial[half..]];
        var node = new NodeProto { OpType = "Pad", Name = $"{value}/padded", Input = { value }, Output = { $"{value}/padded" } };
        node.SetString("mode", mode);
        if (opset < 11)
        {
            node.SetInts("pads", pads);
        }
        else
        {
            graph.Initializer.Add(TensorEditor.FromInts($"{value}/pads", pads, pads.Length));
            node.Input.Add($"{value}/pads");
        }

        return node;
    }
}
