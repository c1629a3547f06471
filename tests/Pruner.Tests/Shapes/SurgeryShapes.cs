using EdgePrune.TestSupport;

namespace Pruner.Tests;

/// <summary>Shapes of constants carried forward, and of blocks that can be skipped.</summary>
internal static class SurgeryShapes
{
    public static IReadOnlyList<GraphShape> All { get; } =
    [
        new("bias through normalisation into a pointwise convolution (nni#2130)", Pointwise, 8),
        new("bias through pooling without padding", g => g.Output(g.Conv(g.Node("AveragePool", [g.Conv(X(g), 3, 6)], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })), 6, 4, 1)), 6),
        new("bias through pooling that counts padding", g => g.Output(g.Conv(PaddedPool(g, g.Conv(X(g), 3, 6), counted: 1), 6, 4, 1)), 6),
        new("bias through pooling that does not count padding", g => g.Output(g.Conv(PaddedPool(g, g.Conv(X(g), 3, 6), counted: 0), 6, 4, 1)), 6),
        new("bias through padded pooling into columns of a linear", g => g.Output(g.Linear(g.Node("Flatten", [PaddedPool(g, g.Conv(X(g), 3, 6), counted: 1)]), 6 * 64, 5)), 6),
        new("bias under a spatial gate", SpatialGate, 6),
        new("bias under a gate that is saturated", SaturatedGate, 6),
        new("bias into a grouped pointwise convolution", g => g.Output(g.Conv(g.Relu(g.Conv(X(g), 3, 8, 1)), 8, 6, 1, 2)), 4),
        new("bias into a product and the sum after it", ProductAndSum, 9),
        new("bias into a Gemm of other factors", Factors, 7),
        new("bias into a transposed pointwise convolution", g => g.Output(g.Node("ConvTranspose", [g.Relu(g.Conv(X(g), 3, 6)), g.Weights(6, 4, 1, 1)])), 6),
        new("residual blocks one after the other", g => Residuals(g, 3), 8 + 6 + 6 + 6),
        new("residual blocks with normalisation first", PreActivation, 8 + 6 + 6),
        new("residual inside residual", Nested, 8 + 6 + 5),
        new("projected shortcut", Projected, 4 + 6 + 8),
        new("layers that keep their shape", g => g.Output(g.Conv(g.Relu(g.Conv(g.Relu(g.Conv(g.Conv(X(g), 3, 8), 8, 8)), 8, 8)), 8, 4)), 24),
    ];

    private static string X(GraphBuilder g) => g.Input("x", 1, 3, 8, 8);

    private static GraphBuilder Pointwise(GraphBuilder g) => g.Output(g.Conv(g.Node("Sigmoid", [g.BatchNorm(g.Conv(X(g), 3, 8), 8)]), 8, 4, 1));

    private static string PaddedPool(GraphBuilder g, string x, int counted) => g.Node(
        "AveragePool", [x], ("kernel_shape", new long[] { 3, 3 }), ("pads", new long[] { 1, 1, 1, 1 }), ("count_include_pad", counted));

    private static GraphBuilder SpatialGate(GraphBuilder g)
    {
        string x = X(g);
        string gate = g.Node("Sigmoid", [g.Conv(x, 3, 1)]);
        return g.Output(g.Conv(g.Node("Mul", [g.Conv(x, 3, 6), gate]), 6, 4, 1));
    }

    private static GraphBuilder SaturatedGate(GraphBuilder g)
    {
        // The gate is one for every input that is likely, and zero for some that is not.
        string x = X(g);
        string high = g.Node("Add", [g.Conv(x, 3, 1), g.Initializer(EdgePrune.Onnx.Tensors.TensorEditor.FromFloats("high", [1000]))]);
        return g.Output(g.Conv(g.Node("Mul", [g.Conv(x, 3, 6), g.Node("HardSigmoid", [high])]), 6, 4, 1));
    }

    private static GraphBuilder ProductAndSum(GraphBuilder g)
    {
        string hidden = g.Relu(g.Node("Add", [g.Node("MatMul", [g.Input("x", 5, 7), g.Weights(7, 9)]), g.Weights(9)]));
        string sum = g.Node("Add", [g.Weights(4), g.Node("MatMul", [hidden, g.Weights(9, 4)])]);
        return g.Output(sum, g.Node("MatMul", [hidden, g.Weights(9, 3)]));
    }

    private static GraphBuilder Factors(GraphBuilder g)
    {
        string hidden = g.Relu(g.Linear(g.Input("x", 2, 5), 5, 7));
        string bias = g.Weights(3);
        string a = g.Node("Gemm", [hidden, g.Weights(7, 3), bias], ("alpha", 0.5f), ("beta", 2f));
        string b = g.Node("Gemm", [hidden, g.Weights(7, 3), bias]);
        string c = g.Node("Gemm", [hidden, g.Weights(7, 3), bias], ("beta", 0f));
        string d = g.Node("Gemm", [hidden, g.Weights(7, 3), g.Weights(2, 1)], ("alpha", 0.25f));
        return g.Output(a, b, c, d, g.Node("Gemm", [hidden, g.Weights(7, 3)], ("alpha", 3f)));
    }

    private static GraphBuilder Residuals(GraphBuilder g, int blocks)
    {
        string y = g.Relu(g.Conv(X(g), 3, 8));
        for (int i = 0; i < blocks; i++)
        {
            y = g.Relu(g.Node("Add", [y, g.Conv(g.Relu(g.Conv(y, 8, 6)), 6, 8)]));
        }

        return g.Output(g.Linear(g.Node("Flatten", [g.Node("GlobalAveragePool", [y])]), 8, 3));
    }

    private static GraphBuilder PreActivation(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 8);
        for (int i = 0; i < 2; i++)
        {
            string inner = g.Conv(g.Relu(g.BatchNorm(y, 8)), 8, 6);
            y = g.Node("Add", [g.Conv(g.Relu(g.BatchNorm(inner, 6)), 6, 8), y]);
        }

        return g.Output(g.Linear(g.Node("Flatten", [g.Node("GlobalAveragePool", [g.Relu(g.BatchNorm(y, 8))])]), 8, 3));
    }

    private static GraphBuilder Nested(GraphBuilder g)
    {
        string y = g.Conv(X(g), 3, 8);
        string inside = g.Conv(y, 8, 6);
        string inner = g.Node("Add", [inside, g.Conv(g.Relu(g.Conv(inside, 6, 5)), 5, 6)]);
        return g.Output(g.Conv(g.Node("Sum", [y, g.Conv(inner, 6, 8), g.Conv(g.Relu(y), 8, 8)]), 8, 4));
    }

    private static GraphBuilder Projected(GraphBuilder g)
    {
        string stem = g.Relu(g.Conv(X(g), 3, 4));
        string main = g.Conv(g.Relu(g.Conv(stem, 4, 6)), 6, 8);
        return g.Output(g.Conv(g.Node("Add", [g.Conv(stem, 4, 8, 1), main]), 8, 3));
    }
}
