using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>Scores drawn at random: the baseline that every criterion must beat.</summary>
public sealed class RandomImportance : IImportance
{
    public string Name => "random";

    public string Summary => "random scores, the baseline that a criterion must beat";

    public double[] Score(OnnxModel model, CouplingResult coupling, int seed)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        var random = new Random(seed);
        return [.. coupling.Units.Select(_ => random.NextDouble())];
    }
}
