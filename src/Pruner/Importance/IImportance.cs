using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// A criterion: how much the network is expected to lose with a unit. One file a criterion, listed in
/// <see cref="ImportanceCriteria"/>.
/// </summary>
public interface IImportance
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>One line for the help text, with the source.</summary>
    string Summary { get; }

    /// <summary>
    /// A score for each unit, indexed by its id, zero or above. Scores are comparable between groups: where every tensor is like
    /// every other, a unit scores about as many points as it has slices of weights.
    /// </summary>
    double[] Score(OnnxModel model, CouplingResult coupling, int seed);
}
