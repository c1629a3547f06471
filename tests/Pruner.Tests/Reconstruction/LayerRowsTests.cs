using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.TestSupport;

namespace Pruner.Tests.Reconstruction;

/// <summary>The rows of a layer times its weights are what the runtime computes.</summary>
public sealed class LayerRowsTests
{
    public static TheoryData<string> Layers => [.. Cases.Keys];

    private static readonly Dictionary<string, Func<GraphBuilder, string>> Cases = new(StringComparer.Ordinal)
    {
        ["3×3 with padding"] = g => g.Conv(g.Input("x", 2, 4, 7, 6), 4, 5),
        ["stride and uneven padding"] = g => Conv(g, [2, 4, 9, 8], [5, 4, 3, 3], ("strides", new long[] { 2, 3 }), ("pads", new long[] { 1, 0, 2, 1 })),
        ["dilation"] = g => Conv(g, [2, 2, 9, 9], [3, 2, 3, 3], ("dilations", new long[] { 2, 1 })),
        ["groups"] = g => Conv(g, [2, 6, 5, 5], [4, 3, 3, 3], ("group", 2), ("pads", new long[] { 1, 1, 1, 1 })),
        ["depthwise"] = g => Conv(g, [2, 4, 5, 5], [4, 1, 3, 3], ("group", 4), ("pads", new long[] { 1, 1, 1, 1 })),
        ["SAME_UPPER"] = g => Conv(g, [2, 2, 8, 7], [3, 2, 3, 2], ("auto_pad", "SAME_UPPER"), ("strides", new long[] { 2, 2 })),
        ["SAME_LOWER"] = g => Conv(g, [2, 2, 8, 7], [3, 2, 3, 2], ("auto_pad", "SAME_LOWER"), ("strides", new long[] { 2, 2 })),
        ["one spatial axis"] = g => Conv(g, [2, 3, 11], [4, 3, 3], ("strides", new long[] { 2 }), ("pads", new long[] { 1, 0 })),
        ["Gemm transposed"] = g => g.Linear(g.Input("x", 3, 5), 5, 4),
        ["Gemm plain"] = g => g.Node("Gemm", [g.Input("x", 3, 5), g.Weights(5, 4), g.Weights(4)]),
        ["MatMul over tokens"] = g => g.Node("MatMul", [g.Input("x", 2, 3, 5), g.Weights(5, 4)]),
    };

    [Theory]
    [MemberData(nameof(Layers))]
    public void Rows_times_weights_are_what_the_runtime_computes(string name)
    {
        var g = new GraphBuilder(seed: 6);
        OnnxModel model = g.Output(Cases[name](g)).Build();
        LinearLayer layer = Assert.Single(LinearLayer.Of(model.Graph));
        using ModelSession session = ModelSession.Create(model);
        using NamedValues inputs = SyntheticInputs.Make(session.Inputs, 1);
        using NamedValues outputs = session.Run(inputs);
        long[] dims = outputs[layer.Output].GetTensorTypeAndShape().Shape;
        LayerRows rows = LayerRows.TryOf(layer, inputs["x"].GetTensorTypeAndShape().Shape, dims)!;
        float[] data = inputs["x"].GetTensorDataAsSpan<float>().ToArray();
        float[] made = outputs[layer.Output].GetTensorDataAsSpan<float>().ToArray();
        float[] weights = TensorReader.ToFloats(model.Graph.Initializer.Single(i => i.Name == layer.Weights));
        float[] bias = layer.Bias is { } b ? TensorReader.ToFloats(model.Graph.Initializer.Single(i => i.Name == b)) : new float[layer.Outputs];
        Assert.Equal(made.Length, dims[0] * rows.Positions * layer.Outputs);
        float[] row = new float[layer.Columns];
        for (int sample = 0; sample < dims[0]; sample++)
        {
            for (int position = 0; position < rows.Positions; position++)
            {
                for (int o = 0; o < layer.Outputs; o++)
                {
                    rows.Read(data, sample, position, o / layer.GroupOutputs, row);
                    double sum = bias[o] + Enumerable.Range(0, layer.Columns).Sum(c => (double)row[c] * weights[layer.Offset(o, c)]);
                    Assert.Equal(sum, rows.Output(made, layer.Outputs, sample, position, o), 1e-4);
                }
            }
        }
    }

    private static string Conv(GraphBuilder g, long[] input, long[] weights, params (string, object)[] attributes) =>
        g.Node("Conv", [g.Input("x", input), g.Weights(weights), g.Weights(weights[0])], attributes);
}
