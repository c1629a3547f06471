using EdgePrune.Onnx;

namespace EdgePrune.Training.Evaluation;

/// <summary>
/// What a classifier got right. Macro averages run over the classes that occur, as labels or as predictions, as
/// scikit-learn's do, so a model with spare outputs (ImageNet's background, say) is not charged for them.
/// </summary>
public sealed class ClassificationMetrics
{
    private ClassificationMetrics(IReadOnlyList<IReadOnlyList<long>> confusion, IReadOnlyDictionary<int, double> topK)
    {
        Confusion = confusion;
        TopK = topK;
        Count = confusion.Sum(row => row.Sum());
        Correct = confusion.Select((row, id) => row[id]).Sum();
        PerClass = [.. Enumerable.Range(0, confusion.Count).Select(Of)];
        ClassMetrics[] occurring = [.. PerClass.Where(each => each.Support + each.Predicted > 0)];
        PrecisionMacro = occurring.Average(each => each.Precision);
        RecallMacro = occurring.Average(each => each.Recall);
        F1Macro = occurring.Average(each => each.F1);
        long predicted = PerClass.Sum(each => each.Predicted), support = PerClass.Sum(each => each.Support);
        PrecisionMicro = Share(Correct, predicted);
        RecallMicro = Share(Correct, support);
        F1Micro = Share(2 * Correct, predicted + support);
    }

    /// <summary>Number of samples.</summary>
    public long Count { get; }

    /// <summary>Samples whose highest output is their label.</summary>
    public long Correct { get; }

    /// <summary>Correct / Count, 0 to 1.</summary>
    public double Accuracy => (double)Correct / Count;

    public double PrecisionMacro { get; }

    public double RecallMacro { get; }

    public double F1Macro { get; }

    /// <summary>Hits of all classes over predictions of all classes. With one label and one prediction a sample all micro averages are the accuracy.</summary>
    public double PrecisionMicro { get; }

    /// <summary>Hits of all classes over samples of all classes.</summary>
    public double RecallMicro { get; }

    /// <summary>Harmonic mean of both.</summary>
    public double F1Micro { get; }

    public IReadOnlyList<ClassMetrics> PerClass { get; }

    /// <summary>Samples by label (row) and prediction (column), as many of each as the model has outputs.</summary>
    public IReadOnlyList<IReadOnlyList<long>> Confusion { get; }

    /// <summary>For each k asked for, the share of samples whose label is among the k highest outputs.</summary>
    public IReadOnlyDictionary<int, double> TopK { get; }

    /// <summary>From outputs, logits or probabilities alike, sample by sample.</summary>
    /// <param name="outputs">Row-major, samples × <paramref name="classes"/>; equal highest outputs go to the lower class.</param>
    /// <param name="classes">Outputs a sample, at least 2.</param>
    /// <param name="labels">One class id a sample.</param>
    /// <param name="topK">Ranks for <see cref="TopK"/>; every one from 1 to <paramref name="classes"/>.</param>
    /// <exception cref="InputException">An output is NaN, a label has no output, or there are no samples.</exception>
    public static ClassificationMetrics Of(ReadOnlySpan<float> outputs, int classes, IReadOnlyList<long> labels, IReadOnlyList<int>? topK = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentOutOfRangeException.ThrowIfNotEqual(outputs.Length, (long)classes * labels.Count);
        if (labels.Count == 0)
        {
            throw new InputException("there are no samples to measure on; expected at least one");
        }

        int[] ranks = [.. topK ?? []];
        if (ranks.Any(k => k < 1 || k > classes))
        {
            throw new InputException($"top-{ranks.First(k => k < 1 || k > classes)} was asked for, but the model has {classes} outputs; expected 1 to {classes}");
        }

        long[][] confusion = [.. Enumerable.Range(0, classes).Select(_ => new long[classes])];
        long[] hits = new long[ranks.Length];
        for (int at = 0; at < labels.Count; at++)
        {
            ReadOnlySpan<float> row = outputs.Slice(at * classes, classes);
            if (labels[at] < 0 || labels[at] >= classes)
            {
                throw new InputException($"label {labels[at]} of sample {at} is out of range; the model has {classes} outputs, so labels run from 0 to {classes - 1}");
            }

            int label = (int)labels[at];
            confusion[label][Highest(row, at)]++;
            int rank = RankOf(row, label);
            for (int k = 0; k < ranks.Length; k++)
            {
                hits[k] += rank < ranks[k] ? 1 : 0;
            }
        }

        return new ClassificationMetrics(
            confusion,
            ranks.Select((k, index) => (k, share: (double)hits[index] / labels.Count)).ToDictionary(pair => pair.k, pair => pair.share));
    }

    /// <summary>Class of the highest output; of equal ones the lowest.</summary>
    internal static int Highest(ReadOnlySpan<float> row, int sample)
    {
        int best = 0;
        for (int id = 0; id < row.Length; id++)
        {
            if (float.IsNaN(row[id]))
            {
                throw new InputException($"the model's output for sample {sample} is NaN; check the model and the preprocessing in data.yaml");
            }

            best = row[id] > row[best] ? id : best;
        }

        return best;
    }

    private static int RankOf(ReadOnlySpan<float> row, int label)
    {
        int rank = 0;
        for (int id = 0; id < row.Length; id++)
        {
            rank += row[id] > row[label] || (row[id] == row[label] && id < label) ? 1 : 0;
        }

        return rank;
    }

    private ClassMetrics Of(int id)
    {
        long hit = Confusion[id][id], support = Confusion[id].Sum(), predicted = Confusion.Sum(row => row[id]);
        return new ClassMetrics(id, support, predicted, Share(hit, predicted), Share(hit, support), Share(2 * hit, support + predicted));
    }

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;
}
