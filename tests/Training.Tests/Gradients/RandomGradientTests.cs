using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;

namespace EdgePrune.Training.Tests.Gradients;

/// <summary>
/// The rules over random shapes and attributes. Convolutions and windows of pooling have tests of their own, as have forms that
/// chance would seldom draw.
/// </summary>
public sealed class RandomGradientTests
{
    private static readonly string[] Operators =
    [
        "Add", "Sub", "Mul", "Div", "Pow", "Sum", "Max", "PRelu", "Where", "Gemm", "MatMul", "Softmax", "LogSoftmax",
        "LayerNormalization", "InstanceNormalization", "GroupNormalization18", "GroupNormalization21", "BatchNormalization",
        "ReduceMean", "ReduceSum", "ReduceMax", "Transpose", "Reshape", "Flatten", "Unsqueeze", "Concat", "Split", "Slice", "Gather",
        "Pad", "Expand", "Tile", "ResizeNearest", "ResizeLinear", "GlobalAveragePool", "GlobalMaxPool", "Dropout", "Clip", "Elu", "HardSigmoid",
    ];

    public static TheoryData<string, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string op in Operators)
            {
                for (int seed = 0; seed < 5; seed++)
                {
                    data.Add(op, seed);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_over_random_shapes_and_attributes_agree_with_differences(string op, int seed)
    {
        var random = new Random((Array.IndexOf(Operators, op) * 101) + seed);
        int opset = op switch { "GroupNormalization18" => 18, "GroupNormalization21" => 21, _ => 17 };
        var b = new GraphBuilder(opset, seed, irVersion: opset == 21 ? 10 : 8);
        OnnxModel model = b.Output(Node(b, op, random)).Build();
        Func<long[], Random, float[]>? values = op switch
        {
            "Div" or "Pow" => GradientCheck.Positive,
            "Max" or "Where" => GradientCheck.Distinct,
            "ReduceMax" or "GlobalMaxPool" => GradientCheck.Distinct,
            _ => null,
        };
        GradientCheck.Run(model, seed, values, step: op.Contains("Normalization", StringComparison.Ordinal) ? 0.005f : 0.01f, only: ["x", "y", "z", "w0", "w1"]);
    }

    private static string Node(GraphBuilder b, string op, Random random)
    {
        long[] dims = Dims(random, random.Next(1, 5));
        int rank = dims.Length;
        int axis = random.Next(rank);
        int signed = random.Next(2) == 0 ? axis : axis - rank;
        switch (op)
        {
            case "Add" or "Sub" or "Mul" or "Div" or "Pow":
                return b.Node(op, Swap([b.Input("x", dims), b.Input("y", Narrow(dims, random))], random));
            case "Max":
                // One tensor that holds both sides: no two of its elements are near each other.
                string both = b.Input("x", [2, .. dims]);
                return b.Node(op, [b.Node("Gather", [both, b.Ints(0)]), b.Node("Gather", [both, b.Ints(1)])]);
            case "Sum":
                return b.Node(op, [b.Input("x", dims), b.Input("y", Narrow(dims, random)), b.Input("z", Narrow(dims, random))]);
            case "PRelu":
                return b.Node(op, [b.Input("x", dims), b.Input("y", Narrow(dims, random))]);
            case "Where":
                string condition = b.Node("Greater", [b.Weights("c", dims), b.Initializer(TensorEditor.FromFloats("zero", [0], []))]);
                return b.Node(op, [condition, .. Swap([b.Input("x", dims), b.Input("y", Narrow(dims, random))], random)]);
            case "Gemm":
                (long m, long k, long n) = (random.Next(1, 6), random.Next(1, 6), random.Next(1, 6));
                (int ta, int tb) = (random.Next(2), random.Next(2));
                return b.Node(
                    op,
                    [b.Input("x", ta == 1 ? [k, m] : [m, k]), b.Input("y", tb == 1 ? [n, k] : [k, n]), b.Input("z", Narrow([m, n], random))],
                    ("transA", ta), ("transB", tb), ("alpha", 0.5f + random.NextSingle()), ("beta", 0.5f + random.NextSingle()));
            case "MatMul":
                long[] batch = Dims(random, random.Next(0, 3));
                long inner = random.Next(1, 6);
                return b.Node(op, [b.Input("x", [.. batch, random.Next(1, 5), inner]), b.Input("y", [.. Narrow(batch, random), inner, random.Next(1, 5)])]);
            case "Softmax" or "LogSoftmax":
                return b.Node(op, [b.Input("x", dims)], ("axis", signed));
            case "LayerNormalization":
                return b.Node(op, [b.Input("x", [.. dims, 5]), b.Weights([.. dims[axis..], 5]), b.Weights([.. dims[axis..], 5])], ("axis", axis), ("epsilon", 0.01f));
            case "InstanceNormalization":
                long[] spatial = [random.Next(1, 4), random.Next(1, 4), .. Dims(random, random.Next(1, 3)), 3];
                return b.Node(op, [b.Input("x", spatial), b.Weights(spatial[1]), b.Weights(spatial[1])], ("epsilon", 0.01f));
            case "GroupNormalization18" or "GroupNormalization21":
                int groups = random.Next(1, 4);
                long channels = groups * random.Next(1, 4);
                long factors = op.EndsWith("18", StringComparison.Ordinal) ? groups : channels;
                return b.Node("GroupNormalization", [b.Input("x", [2, channels, .. Dims(random, random.Next(1, 3)), 3]), b.Weights(factors), b.Weights(factors)], ("num_groups", groups), ("epsilon", 0.01f));
            case "BatchNormalization":
                long[] image = [random.Next(1, 4), random.Next(1, 5), .. Dims(random, random.Next(0, 3))];
                return b.Node(op, [b.Input("x", image), b.Weights(image[1]), b.Weights(image[1]), b.Weights(image[1]), b.Positive(image[1])], ("epsilon", 1e-3f));
            case "ReduceMean" or "ReduceMax":
                return b.Node(op, [b.Input("x", dims)], ("axes", Some(rank, random)), ("keepdims", random.Next(2)));
            case "ReduceSum":
                return b.Node(op, [b.Input("x", dims), b.Ints(Some(rank, random))], ("keepdims", random.Next(2)));
            case "Transpose":
                return b.Node(op, [b.Input("x", dims)], ("perm", Enumerable.Range(0, rank).OrderBy(_ => random.Next()).Select(a => (long)a).ToArray()));
            case "Reshape":
                return b.Node(op, [b.Input("x", dims), b.Ints([.. dims[..axis], -1])]);
            case "Flatten":
                return b.Node(op, [b.Input("x", dims)], ("axis", axis));
            case "Unsqueeze":
                return b.Node("Squeeze", [b.Node(op, [b.Input("x", dims), b.Ints(axis, rank + 1)]), b.Ints(axis)]);
            case "Concat":
                return b.Node(op, [b.Input("x", With(dims, axis, 2)), b.Input("y", With(dims, axis, 1)), b.Input("z", With(dims, axis, 3))], ("axis", signed));
            case "Split":
                string[] parts = b.Nodes(op, [b.Input("x", With(dims, axis, 6)), b.Ints(1, 3, 2)], 3, ("axis", signed));
                return b.Node("Concat", [b.Node("Mul", [parts[1], parts[1]]), parts[0]], ("axis", signed));
            case "Slice":
                long step = random.Next(1, 3) * (random.Next(2) == 0 ? 1 : -1);
                (long from, long to) = step > 0 ? (random.Next(-6, 3), 7L) : (random.Next(2, 9), -9L);
                return b.Node(op, [b.Input("x", With(dims, axis, 6)), b.Ints(from), b.Ints(to), b.Ints(signed), b.Ints(step)]);
            case "Gather":
                long[] at = [.. Enumerable.Range(0, random.Next(1, 7)).Select(_ => (long)random.Next(-(int)dims[axis], (int)dims[axis]))];
                return b.Node(op, [b.Input("x", dims), b.Ints(at)], ("axis", signed));
            case "Pad":
                string mode = new[] { "constant", "reflect", "edge" }[random.Next(3)];
                long[] wide = [.. dims.Select(d => d + 2)];
                return b.Node(op, [b.Input("x", wide), b.Ints([.. Enumerable.Range(0, 2 * rank).Select(_ => (long)random.Next(0, 3))])], ("mode", mode));
            case "Expand":
                return b.Node(op, [b.Input("x", Narrow(dims, random)), b.Ints(dims)]);
            case "Tile":
                return b.Node(op, [b.Input("x", dims), b.Ints([.. dims.Select(_ => (long)random.Next(1, 4))])]);
            case "ResizeNearest" or "ResizeLinear":
                float[] scales = [1, 1, 0.5f + (2 * random.NextSingle()), 0.5f + (2 * random.NextSingle())];
                string coordinates = new[] { "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel" }[random.Next(4)];
                return b.Node(
                    "Resize",
                    [b.Input("x", 2, 2, random.Next(3, 6), random.Next(3, 6)), "", b.Initializer(TensorEditor.FromFloats("scales", scales, 4))],
                    ("mode", op[6..].ToLower(CultureInfo.InvariantCulture)), ("coordinate_transformation_mode", coordinates));
            case "GlobalAveragePool" or "GlobalMaxPool":
                return b.Node(op, [b.Input("x", [random.Next(1, 4), random.Next(1, 4), .. Dims(random, random.Next(1, 3))])]);
            case "Clip":
                return b.Node(op, [b.Input("x", dims), b.Initializer(TensorEditor.FromFloats("low", [-1.4f + random.Next(5) * 0.1f], [])), b.Initializer(TensorEditor.FromFloats("high", [0.5f + random.Next(5) * 0.1f], []))]);
            case "Elu" or "HardSigmoid":
                return b.Node(op, [b.Input("x", dims)], ("alpha", 0.15f + (random.Next(5) * 0.1f)));
            default:
                return b.Node(op, [b.Input("x", dims)]);
        }
    }

    private static long[] Dims(Random random, int rank) => [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(1, 5))];

    private static long[] With(long[] dims, int axis, long length) => [.. dims[..axis], length, .. dims[(axis + 1)..]];

    // Dimensions that broadcast to the given ones: leading ones left out, others one.
    private static long[] Narrow(long[] dims, Random random) =>
        [.. dims[random.Next(dims.Length + 1)..].Select(d => random.Next(3) == 0 ? 1 : d)];

    private static string[] Swap(string[] pair, Random random) => random.Next(2) == 0 ? pair : [pair[1], pair[0]];

    private static long[] Some(int rank, Random random)
    {
        long[] axes = [.. Enumerable.Range(0, rank).Where(_ => random.Next(2) == 0).Select(a => (long)(random.Next(2) == 0 ? a : a - rank))];
        return axes.Length > 0 ? axes : [random.Next(rank)];
    }
}
