using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Training.Data;

/// <summary>
/// Samples, and labels where there are any, from files of any supported format (see <see cref="Load"/>). Arrays stay
/// in the type in which they are stored; <see cref="Batch"/> converts what it hands out. Subsets share the arrays.
/// </summary>
public sealed class Dataset
{
    private readonly IReadOnlyList<DatasetColumn> columns;
    private readonly long[]? allLabels;
    private readonly int[] rows;

    internal Dataset(string source, IReadOnlyList<DatasetColumn> columns, long[]? labels, IReadOnlyList<string>? classNames, int[] rows)
    {
        Source = source;
        this.columns = columns;
        allLabels = labels;
        ClassNames = classNames;
        this.rows = rows;
        Labels = labels is null ? null : [.. rows.Select(row => labels[row])];
    }

    /// <summary>The path that was loaded.</summary>
    public string Source { get; }

    /// <summary>Number of samples.</summary>
    public int Count => rows.Length;

    public IReadOnlyList<DatasetInput> Inputs => [.. columns.Select(column => column.Description)];

    /// <summary>Class id of each sample, from 0 up; null where the files have none.</summary>
    public IReadOnlyList<long>? Labels { get; }

    /// <summary>Names by class id, where the files or <c>data.yaml</c> give them.</summary>
    public IReadOnlyList<string>? ClassNames { get; }

    /// <summary>
    /// Loads an <c>.npz</c>; an <c>.npy</c>; a folder of either; a table (<c>.csv</c>, <c>.tsv</c>, <c>.txt</c>); an IDX
    /// images file, its labels found by name; raw numbers (<c>.bin</c> whose name gives type and shape); or a folder of
    /// images with one subfolder a class. Tables, IDX and raw numbers may be gzipped. A <c>data.yaml</c> beside the
    /// file, or in the folder, says how values become a model's input.
    /// </summary>
    /// <exception cref="InputException">The files are missing, damaged, inconsistent or beyond the limits; the message names the file and what was expected.</exception>
    public static Dataset Load(string path, DatasetOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return DatasetLoader.Load(path, options ?? new DatasetOptions());
    }

    /// <summary>Samples <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/>, preprocessed, in the types and shapes that a model takes.</summary>
    /// <param name="start">First sample.</param>
    /// <param name="count">Number of samples; all must exist.</param>
    /// <param name="modelInputs">Every input of the model. Arrays go by name; the only input takes the array that <c>data.yaml</c> names, or the only array.</param>
    /// <exception cref="InputException">An input has no array, or the shapes or types do not fit; the message gives both.</exception>
    public DatasetBatch Batch(int start, int count, IReadOnlyList<ModelInput> modelInputs)
    {
        ArgumentNullException.ThrowIfNull(modelInputs);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count - start);
        ReadOnlySpan<int> chosen = rows.AsSpan(start, count);
        Dictionary<string, Microsoft.ML.OnnxRuntime.OrtValue> values = [];
        try
        {
            foreach (ModelInput input in modelInputs)
            {
                values.Add(input.Name, ColumnFor(input, modelInputs).ToValue(chosen, input));
            }
        }
        catch
        {
            foreach (Microsoft.ML.OnnxRuntime.OrtValue value in values.Values)
            {
                value.Dispose();
            }

            throw;
        }

        return new DatasetBatch(count, values, allLabels is null ? null : [.. Labels!.Skip(start).Take(count)]);
    }

    /// <summary>The samples at these positions, in this order; a position may come more than once.</summary>
    public Dataset Subset(IEnumerable<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return new Dataset(Source, columns, allLabels, ClassNames, [.. indices.Select(index =>
            index >= 0 && index < Count ? rows[index] : throw new ArgumentOutOfRangeException(nameof(indices), index, $"not one of {Count} samples"))]);
    }

    /// <summary>The first <paramref name="count"/> samples, or all where there are fewer.</summary>
    public Dataset Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Subset(Enumerable.Range(0, Math.Min(count, Count)));
    }

    /// <summary>All samples in an order that depends on <paramref name="seed"/> alone.</summary>
    public Dataset Shuffle(int seed)
    {
        int[] order = [.. Enumerable.Range(0, Count)];
        new Random(seed).Shuffle(order);
        return Subset(order);
    }

    /// <summary>Reads samples for one input of a model; see <see cref="Batch"/> for which array that is.</summary>
    internal SampleReader Reader(ModelInput input, IReadOnlyList<ModelInput> modelInputs) => new(ColumnFor(input, modelInputs), input);

    /// <summary>Number of a sample in the files.</summary>
    internal int Row(int position) => rows[position];

    internal IReadOnlyList<DatasetColumn> Columns => columns;

    internal DatasetColumn ColumnFor(ModelInput input, IReadOnlyList<ModelInput> modelInputs)
    {
        DatasetColumn? column = columns.FirstOrDefault(candidate => candidate.Array.Name == input.Name)
            ?? (modelInputs.Count == 1 ? columns.FirstOrDefault(candidate => candidate.IsNamedInput) ?? (columns.Count == 1 ? columns[0] : null) : null);
        return column ?? throw new InputException($"{Source}: has no array for the model's input '{input.Name}'; its arrays are {string.Join(", ", columns.Select(c => $"'{c.Array.Name}'"))} and the model takes {string.Join(", ", modelInputs.Select(i => $"'{i.Name}'"))}. Rename the array, or name it under 'input' in data.yaml");
    }
}
