using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Data;

namespace EdgePrune.Pruner.Calibration;

/// <summary>
/// Samples that the pruner may look at: to score units, to fit weights. They must not be those that the result is judged by.
/// </summary>
public sealed class CalibrationData
{
    /// <summary>How many samples are taken unless told otherwise.</summary>
    public const int DefaultSamples = 512;

    /// <param name="data">Where they come from.</param>
    /// <param name="samples">How many to take, drawn by <paramref name="seed"/>; all where there are fewer.</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <exception cref="InputException">There are no samples.</exception>
    public CalibrationData(Dataset data, int samples = DefaultSamples, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        if (data.Count == 0)
        {
            throw new InputException($"{data.Source}: holds no samples to calibrate on");
        }

        Samples = data.Shuffle(seed).Take(samples);
    }

    /// <summary>The samples, in the order in which they are streamed.</summary>
    public Dataset Samples { get; }

    public int Count => Samples.Count;

    /// <summary>Makes sure of labels of at least two classes.</summary>
    /// <param name="why">What needs them, for the error.</param>
    /// <exception cref="InputException">There are no labels, or all are the same.</exception>
    public void RequireClasses(string why)
    {
        if (Samples.Labels is not { } labels)
        {
            throw new InputException($"{Samples.Source}: has no labels; {why}");
        }

        if (labels.Distinct().Take(2).Count() < 2)
        {
            throw new InputException($"{Samples.Source}: all {labels.Count} samples are of class {labels[0]}; {why}, which says nothing with one class. Take samples of all classes");
        }
    }

    /// <summary>
    /// Batches in order, each freed when the next is asked for. A model with a fixed batch takes that; samples that do not fill the last
    /// one are left out then.
    /// </summary>
    /// <param name="inputs">The model's inputs.</param>
    /// <param name="most">Samples a batch at most, where the model leaves it free.</param>
    /// <param name="whole">True to leave out samples that do not fill a batch also where the model leaves it free.</param>
    /// <exception cref="InputException">The samples do not fit the model.</exception>
    public IEnumerable<DatasetBatch> Batches(IReadOnlyList<ModelInput> inputs, int most, bool whole = false)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        int stated = FixedBatch(inputs);
        int size = stated > 0 ? stated : Math.Min(most, Count);
        if (size > Count)
        {
            throw new InputException($"{Samples.Source}: has {Count} samples; the model takes {size} a run");
        }

        for (int start = 0; start < Count; start += size)
        {
            int count = Math.Min(size, Count - start);
            if (count < size && (stated > 0 || whole))
            {
                yield break;
            }

            using DatasetBatch batch = Samples.Batch(start, count, inputs);
            yield return batch;
        }
    }

    /// <summary>The batch that the model's inputs state; 0 where they leave it free.</summary>
    public static int FixedBatch(IReadOnlyList<ModelInput> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs.Where(i => i.Shape.Length > 0).Select(i => Math.Max(0, i.Shape[0])).DefaultIfEmpty(0).Max();
    }
}
