using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Evaluation;

/// <summary>How near a model's outputs are to those of the model that it was made of. Needs no labels.</summary>
/// <param name="Samples">Samples run.</param>
/// <param name="Values">Errors over all numbers of all float32 outputs.</param>
/// <param name="SameClass">Share of samples, 0 to 1, whose highest number of the first output stands at the same place; null where that output is not one row a sample.</param>
public sealed record OutputAgreement(int Samples, RegressionMetrics Values, double? SameClass)
{
    /// <summary>Where the first output has scores at several positions a sample; null for others.</summary>
    public PositionAgreement? Positions { get; init; }

    /// <summary>Runs both models over a dataset, batch by batch.</summary>
    /// <param name="original">What is taken for right.</param>
    /// <param name="model">What is judged; the same inputs and outputs.</param>
    /// <param name="data">Samples, with or without labels.</param>
    /// <param name="batchSize">Samples a run, where the model leaves that free.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <exception cref="InputException">The data do not fit a model, or the outputs have different shapes.</exception>
    public static OutputAgreement Of(InferenceSession original, InferenceSession model, Dataset data, int batchSize = Evaluator.DefaultBatchSize, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ModelInput[] inputs = [.. original.InputNames.Select(n => new ModelInput(n, original.InputMetadata[n].ElementDataType, original.InputMetadata[n].Dimensions))];
        int stated = inputs.Where(i => i.Shape.Length > 0).Select(i => Math.Max(0, i.Shape[0])).DefaultIfEmpty(0).Max();
        int size = stated > 0 ? stated : Math.Min(batchSize, data.Count);
        if (data.Count < size || data.Count == 0)
        {
            throw new InputException($"{data.Source}: has {data.Count} samples; the model takes {Math.Max(1, size)} a run");
        }

        var sums = new RegressionMetrics.Sums();
        (int samples, int same, bool rows) = (0, 0, true);
        var positions = new PositionAgreement.Counts();
        using RunOptions options = new();
        // Samples that do not fill a stated batch are left out.
        for (int start = 0; start < data.Count && (stated <= 0 || start + size <= data.Count); start += size)
        {
            cancellation.ThrowIfCancellationRequested();
            using DatasetBatch batch = data.Batch(start, Math.Min(size, data.Count - start), inputs);
            using IDisposableReadOnlyCollection<OrtValue> expected = Run(original, options, batch);
            using IDisposableReadOnlyCollection<OrtValue> made = Run(model, options, batch);
            samples += batch.Count;
            for (int o = 0; o < expected.Count; o++)
            {
                OrtTensorTypeAndShapeInfo info = expected[o].GetTensorTypeAndShape();
                if (info.ElementDataType != TensorElementType.Float)
                {
                    continue;
                }

                long[] shape = info.Shape;
                if (made.Count != expected.Count || !made[o].GetTensorTypeAndShape().Shape.SequenceEqual(shape))
                {
                    throw new InputException($"output '{Printable.Name(original.OutputNames[o])}' is {Printable.Dims(shape)} in one model and not in the other; they cannot be compared");
                }

                sums.Add(made[o].GetTensorDataAsSpan<float>(), expected[o].GetTensorDataAsSpan<float>());
                if (o == 0)
                {
                    rows &= shape.Length >= 2 && shape[0] == batch.Count && shape[1] > 1 && shape.Skip(2).All(d => d == 1);
                    same += rows ? SameRows(made[o].GetTensorDataAsSpan<float>(), expected[o].GetTensorDataAsSpan<float>(), batch.Count) : 0;
                    positions.Add(made[o].GetTensorDataAsSpan<float>(), expected[o].GetTensorDataAsSpan<float>(), shape, batch.Count);
                }
            }
        }

        return new OutputAgreement(samples, sums.Result(), rows ? (double)same / samples : null) { Positions = positions.Result() };
    }

    /// <summary>A model's first output against numbers that the data hold.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Samples.</param>
    /// <param name="target">Name of the array of expected numbers, as many a sample as the output has.</param>
    /// <param name="batchSize">Samples a run, where the model leaves that free.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <exception cref="InputException">There is no such array, or it does not fit the output.</exception>
    public static RegressionMetrics Against(InferenceSession model, Dataset data, string target, int batchSize = Evaluator.DefaultBatchSize, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        if (data.Inputs.All(i => i.Name != target))
        {
            throw new InputException($"{data.Source}: has no array '{Printable.Name(target)}' of expected outputs; its arrays are {string.Join(", ", data.Inputs.Select(i => $"'{i.Name}'"))}");
        }

        ModelInput[] inputs = [.. model.InputNames.Select(n => new ModelInput(n, model.InputMetadata[n].ElementDataType, model.InputMetadata[n].Dimensions))];
        var sums = new RegressionMetrics.Sums();
        using RunOptions options = new();
        int stated = inputs.Where(i => i.Shape.Length > 0).Select(i => Math.Max(0, i.Shape[0])).DefaultIfEmpty(0).Max();
        int size = stated > 0 ? stated : batchSize;
        for (int start = 0; start < data.Count && (stated <= 0 || start + size <= data.Count); start += size)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(size, data.Count - start);
            using DatasetBatch batch = data.Batch(start, count, inputs);
            using IDisposableReadOnlyCollection<OrtValue> made = Run(model, options, batch);
            int[] shape = [-1, .. made[0].GetTensorTypeAndShape().Shape.Skip(1).Select(d => (int)d)];
            using DatasetBatch expected = data.Batch(start, count, [new ModelInput(target, TensorElementType.Float, shape)]);
            sums.Add(made[0].GetTensorDataAsSpan<float>(), expected.Values[target].GetTensorDataAsSpan<float>());
        }

        return sums.Result();
    }

    private static int SameRows(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int count)
    {
        (int width, int same) = (a.Length / count, 0);
        for (int i = 0; i < count; i++)
        {
            same += ClassificationMetrics.Highest(a.Slice(i * width, width), i) == ClassificationMetrics.Highest(b.Slice(i * width, width), i) ? 1 : 0;
        }

        return same;
    }

    private static IDisposableReadOnlyCollection<OrtValue> Run(InferenceSession session, RunOptions options, DatasetBatch batch)
    {
        try
        {
            return session.Run(options, batch.Values, session.OutputNames);
        }
        catch (OnnxRuntimeException error)
        {
            throw new InputException($"the model cannot run on this data: {error.Message}", error);
        }
    }
}
