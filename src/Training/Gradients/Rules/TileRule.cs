using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Tile: the gradient is summed over the repetitions, which lie before each axis.</summary>
internal sealed class TileRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Tile"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        long[] input = g.Dims(0);
        long[] output = g.OutputDims;
        long[] apart = [.. input.Zip(output).SelectMany(p => new[] { p.First == 0 ? 0 : p.Second / p.First, p.First })];
        long[] axes = [.. Enumerable.Range(0, input.Length).Where(a => output[a] != input[a]).Select(a => 2L * a)];
        GraphWriter w = g.Writer;
        g.Give(0, axes.Length == 0 ? g.OutputGradient : w.Reshape(w.ReduceSum(w.Reshape(g.OutputGradient, apart), axes), input));
    }
}
