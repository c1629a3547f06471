using EdgePrune.Onnx;

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

    /// <summary>What it looks at besides the weights.</summary>
    ImportanceNeeds Needs => ImportanceNeeds.Weights;

    /// <summary>How its scores are made comparable between groups unless the user says otherwise.</summary>
    ScoreNormalization Normalization => ScoreNormalization.None;

    /// <summary>A score for each unit, indexed by its id, zero or above; NaN for units that the criterion cannot judge.</summary>
    /// <exception cref="InputException">The criterion needs data that are not there, or can judge no unit of this model.</exception>
    double[] Score(ImportanceContext context);
}
