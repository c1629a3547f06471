using EdgePrune.Onnx;
using EdgePrune.Training.Gradients;

namespace EdgePrune.Training.Steps.Losses;

/// <summary>
/// Distillation (Hinton et al., 2015): T²·KL(softmax(teacher/T) ‖ softmax(student/T)), summed over classes, the mean over
/// positions. The teacher's logits are an input of the step.
/// </summary>
public sealed record Distillation : ILoss
{
    /// <summary>Name of the input with the teacher's logits, of the student's logits' shape.</summary>
    public string Teacher { get; init; } = "teacher";

    /// <summary>The logits that are compared; what goes into the softmax that ends the model, or its output, where null.</summary>
    public string? Value { get; init; }

    public double Temperature { get; init; } = 4;

    /// <summary>The axis of the classes.</summary>
    public int ClassAxis { get; init; } = 1;

    public double Weight { get; init; } = 1;

    string ILoss.Write(LossContext context)
    {
        if (!(Temperature > 0))
        {
            throw new InputException($"the temperature of distillation is {Temperature}; it must be positive");
        }

        GraphWriter w = context.Writer;
        string logits = Value ?? context.Before("Softmax", "LogSoftmax");
        long[] dims = context.Dims(logits);
        int axis = ClassAxis < 0 ? ClassAxis + dims.Length : ClassAxis;
        if (axis < 0 || axis >= dims.Length)
        {
            throw new InputException($"distillation needs logits with the classes on axis {ClassAxis}; '{Printable.Name(Value ?? context.Output)}' is [{string.Join(", ", dims)}]");
        }

        string teacher = context.Input(Teacher, w.Real, dims);
        string student = CrossEntropy.LogSoftmax(w, w.Mul(logits, 1 / Temperature), dims.Length, axis);
        string target = CrossEntropy.LogSoftmax(w, w.Mul(teacher, 1 / Temperature), dims.Length, axis);
        string divergence = w.SumAll(w.Mul(w.Exp(target), w.Sub(target, student)));
        double positions = dims.Aggregate(1.0, (a, d) => a * d) / dims[axis];
        return w.Mul(divergence, Temperature * Temperature / positions);
    }
}
