namespace EdgePrune.Pruner.Search;

/// <summary>How a model was found that keeps an accuracy.</summary>
/// <param name="Least">The accuracy that was asked for, 0 to 1.</param>
/// <param name="Before">Accuracy of the original on the held-out samples.</param>
/// <param name="After">Accuracy of the pruned model on them.</param>
/// <param name="Samples">How many held-out samples.</param>
/// <param name="Trials">What was tried, in order.</param>
public sealed record FloorResult(double Least, double Before, double After, int Samples, IReadOnlyList<FloorTrial> Trials);

/// <summary>A model that was cut, fitted and judged.</summary>
/// <param name="Share">Share of the cost that was allowed.</param>
/// <param name="Predicted">Share that the table predicts of the model.</param>
/// <param name="Accuracy">On the held-out samples.</param>
public sealed record FloorTrial(double Share, double Predicted, double Accuracy);
