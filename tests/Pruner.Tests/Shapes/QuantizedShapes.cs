using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using static EdgePrune.Onnx.Proto.TensorProto.Types;
using static Pruner.Tests.StandardShapes;

namespace Pruner.Tests;

/// <summary>Quantised layers in all their forms, and weights in other types than float32.</summary>
internal static class QuantizedShapes
{
    public static IReadOnlyList<GraphShape> All =>
    [
        new("QDQ-quantised CNN", QdqNetwork, 8 + 6),
        new("QDQ-quantised CNN at opset 21", QdqNetwork, 8 + 6, Opset: 21),
        new("int8 weights with one scale and a zero point", g => DequantizedWeights(g, DataType.Int8, perChannel: false, zero: 7), 6),
        new("uint8 weights with zero points by channel", g => DequantizedWeights(g, DataType.Uint8, perChannel: true, zero: 120), 6),
        new("weights quantised by QuantizeLinear in the graph", FakeQuantized, 8),
        new("integer weights viewed before they are dequantised", ViewedIntegers, 6),
        new("convolution in integers", ConvInteger, 6),
        new("quantised convolution", g => QLinearConv(g), 6),
        new("quantised product", QLinearMatMul, 9),
        new("dynamically quantised product", DynamicProduct, 9),
        new("float16 weights behind a cast", g => CastWeights(g, DataType.Float16), 6),
        new("bfloat16 weights behind a cast", g => CastWeights(g, DataType.Bfloat16), 6),
        new("double weights", Doubles, 9),
    ];

    private static string Bytes(GraphBuilder g, string name, DataType type, int seed, int low, int high, params long[] dims)
    {
        var random = new Random(seed);
        byte[] raw = new byte[dims.Aggregate(1L, (a, d) => a * d)];
        for (int i = 0; i < raw.Length; i++)
        {
            raw[i] = unchecked((byte)random.Next(low, high));
        }

        return g.Initializer(TensorEditor.FromRaw(name, type, raw, dims));
    }

    private static string Single(GraphBuilder g, string name, DataType type, int value) =>
        g.Initializer(TensorEditor.FromRaw(name, type, [unchecked((byte)value)]));

    private static string Floats(GraphBuilder g, string name, params float[] values) =>
        g.Initializer(values.Length == 1 ? TensorEditor.FromFloats(name, values) : TensorEditor.FromFloats(name, values, values.Length));

    // Scales are powers of two, so that sums are exact however a kernel orders them and whether it computes in floats or in integers: a
    // difference in the last bit could otherwise move a value over the edge of a quantisation step.
    private const float ActivationScale = 1f / 64;

    private static float[] ScalesOf(int count) => [.. Enumerable.Range(0, count).Select(i => 1f / (64 << (i % 3)))];

    // Activations between −2 and 2 in uint8.
    private static string Activation(GraphBuilder g, string x, string name)
    {
        string scale = Floats(g, $"{name}_scale", ActivationScale);
        string zero = Single(g, $"{name}_zero", DataType.Uint8, 128);
        return g.Node("DequantizeLinear", [g.Node("QuantizeLinear", [x, scale, zero]), scale, zero]);
    }

    // Convolution with int8 weights by output channel and an int32 bias, as quantisers write it.
    private static string QdqConv(GraphBuilder g, string x, string name, int input, int output)
    {
        float[] scales = ScalesOf(output);
        // Small enough that no integer kernel saturates.
        string w = Bytes(g, $"{name}_w", DataType.Int8, output, -60, 60, output, input, 3, 3);
        string zeros = g.Initializer(TensorEditor.FromRaw($"{name}_wz", DataType.Int8, new byte[output], output));
        string weights = g.Node("DequantizeLinear", [w, Floats(g, $"{name}_ws", scales), zeros], ("axis", 0));
        byte[] raw = [.. Enumerable.Range(0, output).SelectMany(o => BitConverter.GetBytes((o * 377 % 2000) - 900))];
        string bias = g.Initializer(TensorEditor.FromRaw($"{name}_b", DataType.Int32, raw, output));
        string biases = g.Node("DequantizeLinear", [bias, Floats(g, $"{name}_bs", [.. scales.Select(s => s * ActivationScale)])], ("axis", 0));
        return g.Node("Conv", [x, weights, biases], ("pads", new long[] { 1, 1, 1, 1 }));
    }

    private static GraphBuilder QdqNetwork(GraphBuilder g)
    {
        string y = Activation(g, X(g), "a0");
        y = Activation(g, g.Relu(QdqConv(g, y, "c1", 3, 8)), "a1");
        y = Activation(g, g.Node("MaxPool", [QdqConv(g, y, "c2", 8, 6)], ("kernel_shape", new long[] { 2, 2 })), "a2");
        return g.Output(QdqConv(g, y, "c3", 6, 4));
    }

    private static GraphBuilder DequantizedWeights(GraphBuilder g, DataType type, bool perChannel, int zero)
    {
        string w1 = Bytes(g, "wq1", type, 1, zero - 60, zero + 60, 6, 3, 3, 3);
        string w2 = Bytes(g, "wq2", type, 2, zero - 60, zero + 60, 4, 6, 1, 1);
        string Zeros(string name, int count) => perChannel
            ? g.Initializer(TensorEditor.FromRaw(name, type, [.. Enumerable.Range(0, count).Select(i => (byte)(zero + i))], count))
            : Single(g, name, type, zero);
        string Scales(string name, int count) => perChannel ? Floats(g, name, ScalesOf(count)) : Floats(g, name, 0.02f);
        string first = g.Node("DequantizeLinear", [w1, Scales("s1", 6), Zeros("z1", 6)], ("axis", -4));
        string second = g.Node("DequantizeLinear", [w2, Scales("s2", 4), Zeros("z2", 4)], ("axis", 0));
        return g.Output(g.Node("Conv", [g.Node("Sigmoid", [g.Node("Conv", [X(g), first, g.Weights(6)])]), second]));
    }

    private static GraphBuilder FakeQuantized(GraphBuilder g)
    {
        string zero = Single(g, "zero", DataType.Int8, 0);
        string Fake(string w, string scale) => g.Node("DequantizeLinear", [g.Node("QuantizeLinear", [w, scale, zero]), scale, zero]);
        string first = Fake(g.Weights(8, 3, 3, 3), Floats(g, "s1", 0.01f));
        string second = Fake(g.Weights(4, 8, 1, 1), Floats(g, "s2", 0.01f));
        return g.Output(g.Node("Conv", [g.Node("Sigmoid", [g.Node("Conv", [X(g), first, g.Weights(8)])]), second]));
    }

    private static GraphBuilder ViewedIntegers(GraphBuilder g)
    {
        string w = g.Node("Transpose", [Bytes(g, "wq", DataType.Int8, 4, -60, 60, 6, 4)], ("perm", new long[] { 1, 0 }));
        string viewed = g.Node("Reshape", [w, g.Ints(4, 6, 1, 1)]);
        string weights = g.Node("DequantizeLinear", [viewed, Floats(g, "s", 0.02f), Single(g, "z", DataType.Int8, 5)]);
        return g.Output(g.Node("Conv", [g.Node("Sigmoid", [g.Conv(X(g), 3, 6)]), weights]));
    }

    private static GraphBuilder ConvInteger(GraphBuilder g)
    {
        string y = g.Node("Sigmoid", [g.Conv(X(g), 3, 6)]);
        string zero = Single(g, "xz", DataType.Uint8, 20);
        string q = g.Node("QuantizeLinear", [y, Floats(g, "xs", 1f / 255), zero]);
        string w = Bytes(g, "wq", DataType.Uint8, 5, 90, 150, 4, 6, 3, 3);
        string sum = g.Node("ConvInteger", [q, w, zero, Single(g, "wz", DataType.Uint8, 117)], ("pads", new long[] { 1, 1, 1, 1 }));
        return g.Output(g.Node("Mul", [g.Node("Cast", [sum], ("to", 1)), Floats(g, "scale", 0.001f)]));
    }

    private static GraphBuilder QLinearConv(GraphBuilder g)
    {
        string xs = Floats(g, "xs", ActivationScale);
        string xz = Single(g, "xz", DataType.Uint8, 128);
        string q = g.Node("QuantizeLinear", [X(g), xs, xz]);
        string w1 = Bytes(g, "wq1", DataType.Int8, 6, -60, 60, 6, 3, 3, 3);
        byte[] raw = [.. Enumerable.Range(0, 6).SelectMany(o => BitConverter.GetBytes((o * 477 % 2000) - 900))];
        string bias = g.Initializer(TensorEditor.FromRaw("b1", DataType.Int32, raw, 6));
        string zeros = g.Initializer(TensorEditor.FromRaw("z1", DataType.Int8, new byte[6], 6));
        string hidden = g.Node("QLinearConv", [q, xs, xz, w1, Floats(g, "s1", ScalesOf(6)), zeros, xs, xz, bias]);
        string w2 = Bytes(g, "wq2", DataType.Int8, 7, -60, 60, 4, 6, 1, 1);
        string y = g.Node("QLinearConv", [hidden, xs, xz, w2, Floats(g, "s2", 0.01f), Single(g, "z2", DataType.Int8, 3), xs, xz]);
        return g.Output(g.Node("DequantizeLinear", [y, xs, xz]));
    }

    private static GraphBuilder QLinearMatMul(GraphBuilder g)
    {
        string s = Floats(g, "s", ActivationScale);
        string z = Single(g, "z", DataType.Uint8, 128);
        string q = g.Node("QuantizeLinear", [g.Input("x", 5, 7), s, z]);
        string w1 = Bytes(g, "wq1", DataType.Int8, 8, -60, 60, 7, 9);
        string zeros = g.Initializer(TensorEditor.FromRaw("z1", DataType.Int8, new byte[9], 9));
        string hidden = g.Node("QLinearMatMul", [q, s, z, w1, Floats(g, "s1", ScalesOf(9)), zeros, s, z]);
        string w2 = Bytes(g, "wq2", DataType.Int8, 9, -60, 60, 9, 4);
        string y = g.Node("QLinearMatMul", [hidden, s, z, w2, Floats(g, "s2", 0.01f), Single(g, "z2", DataType.Int8, -4), s, z]);
        return g.Output(g.Node("DequantizeLinear", [y, s, z]));
    }

    private static GraphBuilder DynamicProduct(GraphBuilder g)
    {
        string hidden = g.Node("Exp", [g.Node("MatMul", [g.Input("x", 5, 7), g.Weights(7, 9)])]);
        string[] q = g.Nodes("DynamicQuantizeLinear", [hidden], 3);
        string w = Bytes(g, "wq", DataType.Uint8, 10, 90, 150, 9, 4);
        string zeros = g.Initializer(TensorEditor.FromRaw("wz", DataType.Uint8, [120, 120, 120, 120], 4));
        string product = g.Node("Cast", [g.Node("MatMulInteger", [q[0], w, q[2], zeros])], ("to", 1));
        return g.Output(g.Node("Mul", [product, g.Node("Mul", [q[1], Floats(g, "ws", ScalesOf(4))])]));
    }

    private static GraphBuilder CastWeights(GraphBuilder g, DataType type)
    {
        string Half(string name, int seed, params long[] dims)
        {
            var random = new Random(seed);
            byte[] raw = [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, d) => a * d)).SelectMany(_ =>
            {
                float value = (random.NextSingle() * 2) - 1;
                return type == DataType.Float16
                    ? BitConverter.GetBytes((Half)value)
                    : BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(value) >> 16));
            })];
            return g.Node("Cast", [g.Initializer(TensorEditor.FromRaw(name, type, raw, dims))], ("to", 1));
        }

        string y = g.Node("Sigmoid", [g.Node("Conv", [X(g), Half("wq1", 1, 6, 3, 3, 3), Half("b1", 2, 6)])]);
        return g.Output(g.Node("Conv", [y, Half("wq2", 3, 4, 6, 1, 1)]));
    }

    private static GraphBuilder Doubles(GraphBuilder g)
    {
        string Double(string name, int seed, params long[] dims)
        {
            var random = new Random(seed);
            byte[] raw = [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, d) => a * d)).SelectMany(_ => BitConverter.GetBytes((random.NextDouble() * 2) - 1))];
            return g.Initializer(TensorEditor.FromRaw(name, DataType.Double, raw, dims));
        }

        string x = g.Node("Cast", [g.Input("x", 5, 7)], ("to", 11));
        string hidden = g.Node("Relu", [g.Node("Add", [g.Node("MatMul", [x, Double("wq1", 1, 7, 9)]), Double("b1", 2, 9)])]);
        return g.Output(g.Node("Cast", [g.Node("MatMul", [hidden, Double("wq2", 3, 9, 4)])], ("to", 1)));
    }
}
