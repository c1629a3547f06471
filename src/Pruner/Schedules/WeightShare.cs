using EdgePrune.Onnx;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.Training.Steps;

namespace EdgePrune.Pruner.Schedules;

/// <summary>A share of single weights that is held at zero while a model is trained.</summary>
internal sealed class WeightShare
{
    private readonly LinearLayer[] layers;
    private readonly SparsityOptions options;

    /// <param name="model">The model that is trained.</param>
    /// <param name="options">Which weights, and how many.</param>
    /// <exception cref="InputException">The pattern is no share, the method is not the magnitude, or there are no such weights.</exception>
    public WeightShare(OnnxModel model, SparsityOptions options)
    {
        if (options.Pattern.Share is null || options.Method != SparsityMethod.Magnitude)
        {
            throw new InputException("while a model is trained, a share of its weights is held at zero by magnitude: --sparsity 50% or 4x1:50%, and no other method; other patterns go with one-shot or iterative schedules");
        }

        this.options = options;
        layers = WeightSparsifier.Layers(model, options);
    }

    /// <summary>The layers.</summary>
    public IReadOnlyList<LinearLayer> Layers => layers;

    /// <summary>The smallest weights, by tensor; the share is one of what no masked unit holds.</summary>
    /// <param name="step">The training.</param>
    /// <param name="units">Elements of masked units.</param>
    /// <param name="progress">0 to 1: how much of the share.</param>
    public Dictionary<string, bool[]> Smallest(TrainingStep step, IReadOnlyDictionary<string, bool[]> units, double progress)
    {
        var zeros = new Dictionary<string, bool[]>(StringComparer.Ordinal);
        var competing = new List<(bool[] Zero, int[] Places, double Worth)>();
        foreach (LinearLayer layer in layers)
        {
            float[] worth = [.. step.Values(layer.Weights)];
            for (int i = 0; i < worth.Length; i++)
            {
                worth[i] = Math.Abs(worth[i]);
            }

            bool[] zero = zeros[layer.Weights] = new bool[worth.Length];
            bool[] gone = units.GetValueOrDefault(layer.Weights) ?? new bool[worth.Length];
            IEnumerable<(bool[], int[], double)> blocks = MaskChoice.Blocks(layer, worth, options.Pattern.Rows, options.Pattern.Columns)
                .Where(b => b.Places.Any(p => !gone[p])).Select(b => (zero, b.Places, b.Worth));
            if (options.IsGlobal)
            {
                competing.AddRange(blocks);
            }
            else
            {
                MaskChoice.OfShare(blocks, progress * options.Pattern.Share!.Value);
            }
        }

        MaskChoice.OfShare(competing, progress * options.Pattern.Share!.Value);
        return zeros;
    }
}
