using System.Buffers.Binary;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Verification;

/// <summary>
/// What quantised weights stand for zero with: their zero point, which the operator that reads them names (ONNX: real value =
/// (integer − zero point) · scale).
/// </summary>
internal static class QuantizedZero
{
    private const int MaxViews = 16;

    // Where an operator takes quantised weights, where their zero point, and the axis of a zero point by channel (null: its attribute).
    private static readonly Dictionary<(string Operator, int Input), (int ZeroPoint, int? Axis)> Readers = new()
    {
        [("DequantizeLinear", 0)] = (2, null),
        [("com.microsoft.DequantizeLinear", 0)] = (2, null),
        [("ConvInteger", 1)] = (3, 0),
        [("QLinearConv", 3)] = (5, 0),
        [("com.microsoft.QLinearConv", 3)] = (5, 0),
        [("MatMulInteger", 1)] = (3, 1),
        [("QLinearMatMul", 3)] = (5, 1),
        [("com.microsoft.MatMulIntegerToFloat", 1)] = (5, 1),
        [("com.microsoft.DynamicQuantizeMatMul", 1)] = (3, 1),
        [("com.microsoft.QAttention", 1)] = (7, 1),
    };

    // Weights may be viewed in another shape before they are read; their zero point must then be one number.
    private static readonly HashSet<string> Views = ["Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"];

    /// <summary>An int32 tensor that can be broadcast to the weights; zero where no operator names a zero point.</summary>
    /// <param name="index">Who reads what in the original.</param>
    /// <param name="tensor">The tensor of weights.</param>
    /// <param name="name">Name of the tensor that is made.</param>
    /// <param name="rank">Number of axes of the weights.</param>
    /// <exception cref="InputException">An operator that reads them is not known, or those that read them do not agree.</exception>
    public static TensorProto Of(GraphIndex index, string tensor, string name, int rank)
    {
        (long[] Values, int Axis)? found = null;
        foreach ((NodeProto node, int input, bool viewed) in ReadersOf(index, tensor))
        {
            string op = node.IsStandard() ? node.OpType : $"{node.Domain}.{node.OpType}";
            // A cast takes the integers as they are: zero is zero, for which no input stands.
            (int ZeroPoint, int? Axis) place = (int.MaxValue, null);
            if (op != "Cast" && !Readers.TryGetValue((op, input), out place))
            {
                throw new InputException($"'{tensor}': {node.Describe()} reads quantised weights, and where their zero point is is not known");
            }

            long[] values = node.InputAt(place.ZeroPoint) is not { } zeroPoint ? [0]
                : index.Constant(zeroPoint) is { } constant ? TensorReader.ToInts(constant)
                : throw new InputException($"'{tensor}': the zero point that {node.Describe()} reads is no constant");
            values = values.Distinct().Count() == 1 ? [values[0]] : values;
            int axis = place.Axis ?? (int)node.GetInt("axis", 1);
            axis = axis < 0 ? axis + rank : axis;
            bool agrees = found is null || (found.Value.Values.SequenceEqual(values) && (values.Length == 1 || found.Value.Axis == axis));
            if (!agrees || (values.Length > 1 && viewed))
            {
                throw new InputException($"'{tensor}': the nodes that read it do not agree on its zero point");
            }

            found = (values, axis);
        }

        (long[] zeros, int along) = found ?? ([0], 0);
        long[] shape = new long[rank];
        Array.Fill(shape, 1);
        if (zeros.Length > 1)
        {
            shape[along] = zeros.Length;
        }

        byte[] raw = new byte[zeros.Length * sizeof(int)];
        for (int i = 0; i < zeros.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(raw.AsSpan(i * sizeof(int)), checked((int)zeros[i]));
        }

        return TensorEditor.FromRaw(name, DataType.Int32, raw, shape);
    }

    // Nodes that use the weights, directly or through views of them.
    private static IEnumerable<(NodeProto Node, int Input, bool Viewed)> ReadersOf(GraphIndex index, string tensor)
    {
        var waiting = new Queue<string>([tensor]);
        for (int views = 0; waiting.Count > 0 && views <= MaxViews; views++)
        {
            string value = waiting.Dequeue();
            foreach (NodeProto node in index.Consumers(value))
            {
                if (node.IsStandard() && Views.Contains(node.OpType))
                {
                    waiting.Enqueue(node.Output[0]);
                    continue;
                }

                for (int input = 0; input < node.Input.Count; input++)
                {
                    if (node.Input[input] == value)
                    {
                        yield return (node, input, views > 0);
                    }
                }
            }
        }
    }
}
