using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Importance;
using EdgePrune.Training.Data;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Losses;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Pruner.Calibration;

/// <summary>
/// Passes of samples through gradient graphs. The loss is the cross-entropy with the labels; where the samples have none, half the squared
/// outputs. BatchNormalization stays as it is in inference.
/// </summary>
internal static class GradientPass
{
    private const int LargestBatch = 64;

    /// <summary>The mean gradient over all samples.</summary>
    public static Dictionary<string, double[]> Mean(ImportanceContext context, IImportance criterion, IReadOnlyList<string> tensors) =>
        Run(context, criterion, tensors, LargestBatch, withHessian: false).Gradients;

    /// <summary>The gradient and its product with the Hessian, both of the loss over all samples at once.</summary>
    public static (Dictionary<string, double[]> Gradients, Dictionary<string, double[]> Hessian) Curved(
        ImportanceContext context, IImportance criterion, IReadOnlyList<string> tensors) =>
        Run(context, criterion, tensors, int.MaxValue, withHessian: true);

    /// <summary>Hands the batches to something that evaluates them one by one.</summary>
    /// <typeparam name="T">What is made for the model's batch.</typeparam>
    /// <param name="context">Model and samples.</param>
    /// <param name="criterion">Names the criterion in errors.</param>
    /// <param name="batchSize">Samples a batch.</param>
    /// <param name="make">Makes it.</param>
    /// <param name="evaluate">Takes one batch; the values are the model's inputs and the labels.</param>
    /// <returns>How many batches there were.</returns>
    public static int Each<T>(
        ImportanceContext context, IImportance criterion, int batchSize, Func<TrainingOptions, T> make, Action<T, IReadOnlyDictionary<string, OrtValue>> evaluate)
        where T : IDisposable
    {
        CalibrationData data = context.Samples(criterion);
        if (data.Samples.Labels is not null)
        {
            data.RequireClasses($"the criterion '{criterion.Name}' follows the gradients of the loss");
        }

        ModelInput[] inputs = [.. new GraphIndex(context.Model.Graph).Inputs.Select(i => Free(context.Model, i))];
        batchSize = Math.Min(batchSize, data.Count);
        T? evaluator = default;
        int batches = 0;
        try
        {
            foreach (DatasetBatch batch in data.Batches(inputs, batchSize, whole: true))
            {
                context.Cancellation.ThrowIfCancellationRequested();
                evaluator ??= Make(criterion, () => make(Options(batch)));
                using OrtValue? labels = batch.Labels is { } ids ? OrtValue.CreateTensorValueFromMemory(ids.ToArray(), [ids.Count]) : null;
                var values = new Dictionary<string, OrtValue>(batch.Values, StringComparer.Ordinal);
                if (labels is not null)
                {
                    values[new CrossEntropy().Labels] = labels;
                }

                evaluate(evaluator, values);
                batches++;
            }
        }
        finally
        {
            evaluator?.Dispose();
        }

        return batches;
    }

    private static (Dictionary<string, double[]> Gradients, Dictionary<string, double[]> Hessian) Run(
        ImportanceContext context, IImportance criterion, IReadOnlyList<string> tensors, int batchSize, bool withHessian)
    {
        var gradients = new Dictionary<string, double[]>(StringComparer.Ordinal);
        var hessian = new Dictionary<string, double[]>(StringComparer.Ordinal);
        int batches = Each(
            context,
            criterion,
            batchSize,
            options => WeightGradientEvaluator.Create(context.Model, tensors, options, withHessian, context.Session),
            (evaluator, values) => evaluator.Add(values, gradients, withHessian ? hessian : null));
        foreach (double[] sum in gradients.Values.Concat(hessian.Values))
        {
            for (int i = 0; i < sum.Length; i++)
            {
                sum[i] /= batches;
            }
        }

        return (gradients, hessian);
    }

    // What the training says of a graph that it cannot differentiate, with a way out.
    private static T Make<T>(IImportance criterion, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (InputException failed)
        {
            throw new InputException($"the criterion '{criterion.Name}' needs gradients: {failed.Message}. Criteria that need none are l2, group-norm, wanda and sensitivity", failed);
        }
    }

    internal static TrainingOptions Options(DatasetBatch batch) => new()
    {
        BatchSize = batch.Count,
        InputShapes = batch.Values.ToDictionary(v => v.Key, v => v.Value.GetTensorTypeAndShape().Shape, StringComparer.Ordinal),
        Losses = batch.Labels is null ? [new SquaredOutputs()] : [new CrossEntropy()],
        FreezeNormalization = true,
    };

    // The batch that a file states is that of its inference; gradients are for a batch of their own.
    internal static ModelInput Free(OnnxModel model, ValueInfoProto input) => input.Type?.TensorType is { Shape.Dim.Count: > 0 } tensor
        ? new ModelInput(input.Name, (TensorElementType)tensor.ElemType, [-1, .. tensor.Shape.Dim.Skip(1).Select(d => d.HasDimValue ? (int)d.DimValue : -1)])
        : throw new InputException($"{model.Source}: input '{Printable.Name(input.Name)}' has no batch axis, which gradients over samples need as the first of every input");
}
