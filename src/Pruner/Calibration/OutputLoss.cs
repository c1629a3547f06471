using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Pruner.Calibration;

/// <summary>
/// What a change costs. With labels: the rise of the mean cross-entropy of the first output. Without: how far all float outputs are from
/// those of the unchanged model, Σ(y − y₀)² / Σ y₀².
/// </summary>
internal sealed class OutputLoss
{
    private readonly bool endsInProbabilities;
    private readonly string first;

    public OutputLoss(OnnxModel model)
    {
        first = model.Graph.Output[0].Name;
        NodeProto? node = new GraphIndex(model.Graph).Producer(first);
        endsInProbabilities = node is { OpType: "Softmax" } && node.IsStandard();
    }

    /// <summary>The sum over a batch of each sample's loss.</summary>
    /// <param name="outputs">Outputs of the changed model.</param>
    /// <param name="reference">Outputs of the model as it is.</param>
    /// <param name="labels">Class ids, or null.</param>
    /// <param name="names">The outputs to compare where there are no labels.</param>
    public double Of(
        IReadOnlyDictionary<string, OrtValue> outputs, IReadOnlyDictionary<string, OrtValue> reference, IReadOnlyList<long>? labels, IEnumerable<string> names)
    {
        if (labels is null)
        {
            (double changed, double all) = (0, 0);
            foreach (string name in names.Where(n => outputs[n].GetTensorTypeAndShape().ElementDataType == TensorElementType.Float))
            {
                (double c, double a) = Difference(outputs[name].GetTensorDataAsSpan<float>(), reference[name].GetTensorDataAsSpan<float>());
                changed += c;
                all += a;
            }

            return all == 0 ? 0 : changed / all;
        }

        OrtTensorTypeAndShapeInfo info = outputs[first].GetTensorTypeAndShape();
        long[] dims = info.Shape;
        if (info.ElementDataType != TensorElementType.Float || dims.Length < 2 || dims[0] != labels.Count || dims.Skip(2).Any(d => d != 1))
        {
            throw new InputException($"output '{Printable.Name(first)}' is {info.ElementDataType} [{string.Join(", ", dims)}] for {labels.Count} samples with labels; a classifier gives [{labels.Count}, classes]");
        }

        ReadOnlySpan<float> values = outputs[first].GetTensorDataAsSpan<float>();
        int classes = (int)dims[1];
        double sum = 0;
        for (int i = 0; i < labels.Count; i++)
        {
            if (labels[i] < 0 || labels[i] >= classes)
            {
                throw new InputException($"label {labels[i]} is out of range; the model has {classes} outputs, so labels run from 0 to {classes - 1}");
            }

            sum += CrossEntropy(values.Slice(i * classes, classes), (int)labels[i]);
        }

        return sum;
    }

    /// <summary>Σ(a − b)² and Σ b².</summary>
    public static (double Changed, double All) Difference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        (double changed, double all) = (0, 0);
        for (int i = 0; i < a.Length; i++)
        {
            double d = a[i] - b[i];
            changed += d * d;
            all += (double)b[i] * b[i];
        }

        return (changed, all);
    }

    private double CrossEntropy(ReadOnlySpan<float> row, int label)
    {
        if (endsInProbabilities)
        {
            return -Math.Log(Math.Max(row[label], 1e-30));
        }

        double most = double.NegativeInfinity;
        foreach (float value in row)
        {
            most = Math.Max(most, value);
        }

        double sum = 0;
        foreach (float value in row)
        {
            sum += Math.Exp(value - most);
        }

        return Math.Log(sum) + most - row[label];
    }
}
