using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// Resize and Upsample. Each resized axis is a matrix of its own (the modes are separable and their weights sum to one), which is
/// read off the runtime by resizing unit vectors: so no coordinate formula here can differ from the runtime's. Where each element
/// is only repeated, the gradient is a sum over the repetitions.
/// </summary>
internal sealed class ResizeRule : IGradientRule
{
    private const float Exact = 1e-6f;

    public IReadOnlyList<string> Operators { get; } = ["Resize", "Upsample"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        if (node.GetString("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize")
        {
            throw g.Unsupported("coordinate mode tf_crop_and_resize");
        }

        GraphWriter w = g.Writer;
        long[] input = g.Dims(0);
        long[] output = g.OutputDims;
        long[] now = [.. output];
        string result = g.OutputGradient;
        for (int axis = 0; axis < input.Length; axis++)
        {
            if (input[axis] == output[axis] && !MayMove(node, g, axis))
            {
                continue;
            }

            double[,] matrix = Matrix(node, g, input, output, axis);
            if (TryRepeats(matrix, out long times))
            {
                result = w.ReduceSum(w.Reshape(result, [.. now[..axis], input[axis], times, .. now[(axis + 1)..]]), [axis + 1], keep: false);
            }
            else
            {
                result = AxisMatrix.TransposedProduct(g, result, matrix, axis, input.Length);
            }

            now[axis] = input[axis];
        }

        g.Give(0, result);
    }

    // Equal lengths with a scale other than one still resample (floor(n·s) = n); batch and channels are never resized here.
    private static bool MayMove(NodeProto node, GradientContext g, int axis) =>
        node.OpType == "Resize" && axis >= 2 && g.Constant(2) is { } scales && TensorReader.Count(scales) > 0;

    private static bool TryRepeats(double[,] matrix, out long times)
    {
        int output = matrix.GetLength(0);
        int input = matrix.GetLength(1);
        times = output / input;
        if (output % input != 0)
        {
            return false;
        }

        for (int o = 0; o < output; o++)
        {
            for (int i = 0; i < input; i++)
            {
                if (Math.Abs(matrix[o, i] - (o / times == i ? 1 : 0)) > Exact)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static double[,] Matrix(NodeProto node, GradientContext g, long[] input, long[] output, int axis)
    {
        using ModelSession session = ModelSession.Create(Alone(node, g, input), node.Describe());
        var matrix = new double[output[axis], input[axis]];
        long inner = Product(input[(axis + 1)..]);
        long outputInner = Product(output[(axis + 1)..]);
        float[] values = new float[Product(input)];
        for (long i = 0; i < input[axis]; i++)
        {
            // One at index i of the axis, whatever the other indices.
            for (long at = 0; at < values.Length; at++)
            {
                values[at] = at / inner % input[axis] == i ? 1 : 0;
            }

            using OrtValue value = OrtValue.CreateTensorValueFromMemory(values, input);
            using NamedValues results = session.Run(new Dictionary<string, OrtValue> { ["x"] = value });
            ReadOnlySpan<float> resized = results["y"].GetTensorDataAsSpan<float>();
            for (long o = 0; o < output[axis]; o++)
            {
                matrix[o, i] = resized[(int)(o * outputInner)];
            }
        }

        return matrix;
    }

    private static byte[] Alone(NodeProto node, GradientContext g, long[] input)
    {
        NodeProto copy = node.Clone();
        copy.Input[0] = "x";
        copy.Output.Clear();
        copy.Output.Add("y");
        var graph = new GraphProto { Name = "resize", Node = { copy } };
        var shape = new TensorShapeProto();
        shape.Dim.Add(input.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        graph.Input.Add(new ValueInfoProto { Name = "x", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } } });
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        for (int i = 1; i < copy.Input.Count; i++)
        {
            if (copy.Input[i].Length > 0)
            {
                TensorProto constant = (g.Constant(i) ?? throw g.Unsupported("its scales or sizes are computed, and must be constant here")).Clone();
                constant.Name = copy.Input[i] = $"c{i}";
                graph.Initializer.Add(constant);
            }
        }

        return Google.Protobuf.MessageExtensions.ToByteArray(new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = g.Writer.Opset } },
            Graph = graph,
        });
    }

    private static long Product(long[] dims) => dims.Aggregate(1L, (a, d) => a * d);
}
