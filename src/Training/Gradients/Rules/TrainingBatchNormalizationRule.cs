using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>
/// BatchNormalization with the statistics of the batch (Ioffe and Szegedy, 2015), which <see cref="TrainingBatchNormalization"/>
/// writes: inputs x [N, C, …], γ, β [C]; outputs y, the batch's mean and 1/√(variance + ε) [C].
/// </summary>
/// <remarks>
/// With sums over batch and positions, m of them: dβ = Σ dy, dγ = Σ dy·x̂, dx = γ/σ·(dy − dβ/m − x̂·dγ/m). Written as
/// a·dy + b·x + c with one number a channel, dx takes three passes over the activations.
/// </remarks>
internal sealed class TrainingBatchNormalizationRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = [TrainingBatchNormalization.Operator];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        GraphWriter w = g.Writer;
        (string x, string scale, string dy) = (node.Input[0], node.Input[1], g.OutputGradient);
        (string mean, string inverse) = (node.Output[1], node.Output[2]);
        long[] dims = g.OutputDims;
        long[] rest = [0, .. Enumerable.Range(2, dims.Length - 2)];
        long[] channel = [dims[1], .. ConvGeometry.Repeat(1, dims.Length - 2)];
        double count = rest.Aggregate(1.0, (a, axis) => a * dims[axis]);
        string sum = w.ReduceSum(dy, rest, keep: false);
        string dot = w.ReduceSum(w.Mul(dy, x), rest, keep: false);
        // Σ dy·x̂ = (Σ dy·x − mean·Σ dy)/σ.
        string along = w.Mul(w.Sub(dot, w.Mul(mean, sum)), inverse);
        if (g.Wants(0))
        {
            string a = w.Mul(scale, inverse);
            string b = w.Mul(w.Mul(w.Mul(a, along), inverse), -1 / count);
            string c = w.Sub(w.Mul(w.Mul(a, sum), -1 / count), w.Mul(b, mean));
            g.Give(0, w.Add(w.Mul(dy, w.Reshape(a, channel)), Affine(w, x, b, c, dims[1])));
        }

        if (g.Wants(1))
        {
            g.Give(1, along);
        }

        if (g.Wants(2))
        {
            g.Give(2, sum);
        }
    }

    // b·x + c for each channel. The runtime does it in one pass as a BatchNormalization whose statistics are 0 and 1; Mul and Add
    // take two.
    private static string Affine(GraphWriter w, string x, string b, string c, long channels)
    {
        string zeros = w.Reals(new double[channels], [channels]);
        string ones = w.Reals([.. Enumerable.Repeat(1.0, (int)channels)], [channels]);
        return w.Node("BatchNormalization", [x, b, c, zeros, ones], n => n.SetFloat("epsilon", 0));
    }
}
