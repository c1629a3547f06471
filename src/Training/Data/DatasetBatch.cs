using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Data;

/// <summary>Samples ready for a model: one value per model input, and their labels. Disposing frees the values.</summary>
public sealed class DatasetBatch : IDisposable
{
    internal DatasetBatch(int count, IReadOnlyDictionary<string, OrtValue> values, long[]? labels)
    {
        Count = count;
        Values = values;
        Labels = labels;
    }

    public int Count { get; }

    /// <summary>By name of the model's input; the first axis is <see cref="Count"/> long.</summary>
    public IReadOnlyDictionary<string, OrtValue> Values { get; }

    /// <summary>One class id a sample; null where the dataset has none.</summary>
    public IReadOnlyList<long>? Labels { get; }

    public void Dispose()
    {
        foreach (OrtValue value in Values.Values)
        {
            value.Dispose();
        }
    }
}
