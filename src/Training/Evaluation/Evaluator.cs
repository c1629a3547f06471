using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Evaluation;

/// <summary>
/// Runs classifiers over datasets. The first output must be [N, C] (trailing axes of length 1 aside) with at least two
/// classes. A model whose batch axis is fixed is run with that batch, the last one filled up with its last sample.
/// </summary>
public static class Evaluator
{
    public const int DefaultBatchSize = 32;

    // The rank that the field reports beside the first, where there are more classes than that.
    private const int TopRank = 5;

    /// <summary>Outputs against labels.</summary>
    /// <param name="session">The model.</param>
    /// <param name="data">Samples with labels.</param>
    /// <param name="batchSize">Samples a run, where the model leaves that free.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <exception cref="InputException">The dataset has no labels, does not fit the model, or the model is no classifier.</exception>
    public static ClassificationMetrics Run(
        InferenceSession session,
        Dataset data,
        int batchSize = DefaultBatchSize,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Labels is null)
        {
            throw new InputException($"{data.Source}: has no labels, so no accuracy can be measured; add labels, or compare two models' outputs instead");
        }

        ModelOutputs outputs = Outputs(session, data, batchSize, progress, cancellation);
        return ClassificationMetrics.Of(outputs.Values, outputs.Classes, data.Labels, outputs.Classes > TopRank ? [TopRank] : []);
    }

    /// <summary>Share of samples, 0 to 1, for which both models' highest output is the same class. Needs no labels.</summary>
    /// <exception cref="InputException">The dataset does not fit a model, or the models have different numbers of classes.</exception>
    public static double Agreement(
        InferenceSession first,
        InferenceSession second,
        Dataset data,
        int batchSize = DefaultBatchSize,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ModelOutputs a = Outputs(first, data, batchSize, null, cancellation);
        ModelOutputs b = Outputs(second, data, batchSize, null, cancellation);
        return a.Classes == b.Classes
            ? Enumerable.Range(0, data.Count).Count(sample => a.Prediction(sample) == b.Prediction(sample)) / (double)data.Count
            : throw new InputException($"the models have {a.Classes} and {b.Classes} outputs; agreement needs the same classes in both");
    }

    /// <summary>The model's first output for every sample, in the order of the dataset.</summary>
    /// <exception cref="InputException">The dataset does not fit the model, or the output is not [N, C].</exception>
    public static ModelOutputs Outputs(
        InferenceSession session,
        Dataset data,
        int batchSize = DefaultBatchSize,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        if (data.Count == 0)
        {
            throw new InputException($"{data.Source}: no samples are left to run; expected at least one");
        }

        IReadOnlyList<ModelInput> inputs = [.. session.InputNames.Select(name => new ModelInput(name, session.InputMetadata[name].ElementDataType, session.InputMetadata[name].Dimensions))];
        int fixedBatch = FixedBatch(inputs);
        int size = fixedBatch > 0 ? fixedBatch : Math.Min(batchSize, data.Count);
        float[]? values = null;
        int classes = 0;
        using RunOptions options = new();
        for (int start = 0; start < data.Count; start += size)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(size, data.Count - start);
            using DatasetBatch batch = count == size || fixedBatch <= 0
                ? data.Batch(start, count, inputs)
                : data.Subset(Enumerable.Range(start, size).Select(at => Math.Min(at, data.Count - 1))).Batch(0, size, inputs);
            using IDisposableReadOnlyCollection<OrtValue> results = RunBatch(session, options, batch);
            ReadOnlySpan<float> output = Floats(results[0], session.OutputNames[0], batch.Count, ref classes);
            values ??= new float[(long)data.Count * classes];
            output[..(count * classes)].CopyTo(values.AsSpan(start * classes));
            progress?.Report(new EvaluationProgress(start + count, data.Count));
        }

        return new ModelOutputs(values!, classes);
    }

    private static IDisposableReadOnlyCollection<OrtValue> RunBatch(InferenceSession session, RunOptions options, DatasetBatch batch)
    {
        try
        {
            return session.Run(options, batch.Values, [session.OutputNames[0]]);
        }
        catch (OnnxRuntimeException error)
        {
            throw new InputException($"the model cannot run on this data: {error.Message}", error);
        }
    }

    /// <summary>The batch that all inputs fix, or -1 where they leave it free.</summary>
    private static int FixedBatch(IReadOnlyList<ModelInput> inputs)
    {
        int[] batches = [.. inputs.Where(input => input.Shape.Length > 0 && input.Shape[0] > 0).Select(input => input.Shape[0]).Distinct()];
        return batches.Length <= 1
            ? batches.FirstOrDefault(-1)
            : throw new InputException($"the model's inputs fix different batches ({string.Join(", ", inputs.Select(input => $"'{input.Name}' [{string.Join(", ", input.Shape)}]"))}); expected the batch on the first axis of every input");
    }

    private static ReadOnlySpan<float> Floats(OrtValue output, string name, int batch, ref int classes)
    {
        OrtTensorTypeAndShapeInfo info = output.GetTensorTypeAndShape();
        long[] shape = info.Shape;
        string printed = $"'{name}' {info.ElementDataType} [{string.Join(", ", shape)}]";
        bool perSample = shape.Length >= 2 && shape[0] == batch && shape.Skip(2).All(dim => dim == 1);
        if (shape.Length is 1 || (perSample && shape[1] == 1))
        {
            throw new InputException($"the model's output {printed} is one number a sample; where the threshold between two classes lies is not known. Classifiers with one output a class, [N, C] with C >= 2, are supported");
        }

        if (!perSample || (classes != 0 && shape[1] != classes))
        {
            throw new InputException($"the model's output {printed} is not one row of class scores a sample for a batch of {batch}; expected [{batch}, C]");
        }

        if (info.ElementDataType != TensorElementType.Float)
        {
            throw new InputException($"the model's output {printed} is not float32; expected float32 logits or probabilities");
        }

        classes = (int)shape[1];
        return output.GetTensorDataAsSpan<float>();
    }
}
