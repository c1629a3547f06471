using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Gradients;

/// <summary>
/// Replaces a BatchNormalization of inference, which uses the running statistics, by one that uses the batch's and moves the
/// running ones, as PyTorch's BatchNorm does in training.
/// </summary>
internal static class TrainingBatchNormalization
{
    /// <summary>
    /// The node that stands for the several that are written, so that one rule gives their gradient together. It is never executed.
    /// </summary>
    public const string Operator = "edgeprune.BatchNormalization";

    /// <summary>Writes the nodes into the graph; the output keeps its name.</summary>
    /// <param name="w">Writes into the graph, from which the caller has taken <paramref name="node"/>.</param>
    /// <param name="node">The BatchNormalization.</param>
    /// <param name="dims">Dimensions of its input, [N, C, …].</param>
    /// <param name="momentum">Share of the batch's statistics in the new running ones.</param>
    /// <param name="elementary">True to write operators that each have a rule of their own, in place of a faster form whose gradient is that of the whole.</param>
    /// <returns>The node for the gradient, and the running mean and variance after this batch, [C].</returns>
    public static Lowered Write(GraphWriter w, NodeProto node, long[] dims, double momentum, bool elementary = false)
    {
        string x = node.Input[0];
        long[] rest = [0, .. Enumerable.Range(2, dims.Length - 2)];
        double count = rest.Aggregate(1.0, (a, axis) => a * dims[axis]);
        double epsilon = node.Find("epsilon") is { HasF: true } e ? e.F : 1e-5f;
        string mean = w.ReduceMean(x, rest);
        // The centred form: E[x²] − E[x]² loses the variance where the mean is large beside it.
        string centred = w.Sub(x, mean);
        string variance = w.Mul(w.ReduceSumSquare(centred, rest, keep: false), 1 / count);
        string flat = w.Reshape(mean, dims[1]);
        string inverse = w.Node("Reciprocal", [w.Sqrt(w.Add(variance, w.Scalar(epsilon)))]);
        NodeProto forward = elementary
            ? Elementary(w, centred, node, inverse, [dims[1], .. Enumerable.Repeat(1L, dims.Length - 2)])
            : Joint(w, [x, node.Input[1], node.Input[2], flat, variance], epsilon);
        forward.Output.Add(node.Output[0]);
        w.Add(forward);

        // PyTorch moves the running variance by the unbiased estimate.
        double unbiased = count > 1 ? count / (count - 1) : 1;
        string newMean = w.Add(w.Mul(node.Input[3], 1 - momentum), w.Mul(flat, momentum));
        string newVariance = w.Add(w.Mul(node.Input[4], 1 - momentum), w.Mul(variance, momentum * unbiased));
        var stands = new NodeProto { OpType = Operator[(Operator.IndexOf('.', StringComparison.Ordinal) + 1)..], Domain = "edgeprune", Name = node.Name };
        stands.Input.Add([x, node.Input[1], node.Input[2]]);
        stands.Output.Add([node.Output[0], flat, inverse]);
        return new Lowered(stands, newMean, newVariance);
    }

    private static NodeProto Joint(GraphWriter w, string[] inputs, double epsilon)
    {
        var forward = new NodeProto { OpType = "BatchNormalization", Name = w.Name("BatchNormalization") };
        forward.Input.Add(inputs);
        forward.SetFloat("epsilon", (float)epsilon);
        return forward;
    }

    private static NodeProto Elementary(GraphWriter w, string centred, NodeProto node, string inverse, long[] channel)
    {
        var forward = new NodeProto { OpType = "Add", Name = w.Name("Add") };
        string scaled = w.Mul(centred, w.Reshape(w.Mul(node.Input[1], inverse), channel));
        forward.Input.Add([scaled, w.Reshape(node.Input[2], channel)]);
        return forward;
    }

    /// <param name="Stands">What the gradient is taken of.</param>
    /// <param name="RunningMean">The value that holds the new running mean.</param>
    /// <param name="RunningVariance">The value that holds the new running variance.</param>
    public sealed record Lowered(NodeProto Stands, string RunningMean, string RunningVariance);
}
