using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Training.Gradients;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps.Losses;

/// <summary>
/// Cross-entropy of logits [N, C] (or [N, C, …], [N, …, C]) with class ids [N, …] or with distributions of the logits' shape, as
/// PyTorch defines it: the mean over positions, with class weights the weighted mean. A model that ends with Softmax or
/// LogSoftmax is judged before it.
/// </summary>
public sealed record CrossEntropy : ILoss
{
    /// <summary>Name of the input: int64 class ids, or float distributions.</summary>
    public string Labels { get; init; } = "labels";

    /// <summary>True where <see cref="Labels"/> holds a distribution for each position (mixup) and no class ids.</summary>
    public bool Distributions { get; init; }

    /// <summary>Share of each target that is spread over all classes (Szegedy et al., 2016), 0 to 1.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>A weight a class, or null. Only for class ids.</summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>The axis of the classes.</summary>
    public int ClassAxis { get; init; } = 1;

    public double Weight { get; init; } = 1;

    string ILoss.Write(LossContext context)
    {
        GraphWriter w = context.Writer;
        string logits = context.Before("Softmax", "LogSoftmax");
        long[] dims = context.Dims(logits);
        int axis = ClassAxis < 0 ? ClassAxis + dims.Length : ClassAxis;
        Check(context, dims, axis);
        long classes = dims[axis];
        long positions = dims.Aggregate(1L, (a, d) => a * d) / classes;
        string log = LogSoftmax(w, logits, dims.Length, axis);
        string target = Distributions
            ? context.Input(Labels, w.Real, dims)
            : w.Node("OneHot", [context.Input(Labels, DataType.Int64, [.. dims[..axis], .. dims[(axis + 1)..]], classes), w.Ints(classes), w.Reals([0, 1], [2])], n => n.SetInt("axis", axis));
        string smooth = LabelSmoothing == 0 ? target : w.Add(w.Mul(target, 1 - LabelSmoothing), w.Scalar(LabelSmoothing / classes));
        if (ClassWeights is null)
        {
            return w.Mul(w.SumAll(w.Mul(smooth, log)), -1.0 / positions);
        }

        string weights = w.Reals([.. ClassWeights], [classes, .. Enumerable.Repeat(1L, dims.Length - axis - 1)]);
        string sum = w.SumAll(w.Mul(w.Mul(smooth, weights), log));
        return w.Neg(w.Div(sum, w.SumAll(w.Mul(target, weights))));
    }

    /// <summary>LogSoftmax over one axis in any opset: before 13 it covered all axes behind the given one as well.</summary>
    internal static string LogSoftmax(GraphWriter w, string logits, int rank, int axis)
    {
        if (w.Opset >= 13 || axis == rank - 1)
        {
            return w.Node("LogSoftmax", [logits], n => n.SetInt("axis", axis));
        }

        string shifted = w.Sub(logits, w.ReduceMax(logits, [axis]));
        return w.Sub(shifted, w.Node("Log", [w.ReduceSum(w.Exp(shifted), [axis])]));
    }

    private void Check(LossContext context, long[] dims, int axis)
    {
        if (axis < 0 || axis >= dims.Length || dims.Length < 2)
        {
            throw new InputException($"cross-entropy needs logits with the classes on axis {ClassAxis}; output '{Printable.Name(context.Output)}' is [{string.Join(", ", dims)}]");
        }

        if (LabelSmoothing is < 0 or > 1)
        {
            throw new InputException($"label smoothing is {LabelSmoothing}; it must be between 0 and 1");
        }

        if (ClassWeights is { } weights && (weights.Count != dims[axis] || Distributions))
        {
            throw new InputException($"{weights.Count} class weights for {dims[axis]} classes{(Distributions ? " and targets that are distributions" : "")}: one a class is needed, with class ids");
        }
    }
}
