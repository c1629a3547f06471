namespace EdgePrune.Training.Evaluation;

/// <summary>How one class fared. Ratios with nothing to divide by are 0, as scikit-learn has it.</summary>
/// <param name="Class">Class id.</param>
/// <param name="Support">Samples that are of the class.</param>
/// <param name="Predicted">Samples that were taken for it.</param>
/// <param name="Precision">Share of the samples taken for the class that are of it, 0 to 1.</param>
/// <param name="Recall">Share of the samples of the class that were taken for it, 0 to 1.</param>
/// <param name="F1">Harmonic mean of both.</param>
public sealed record ClassMetrics(int Class, long Support, long Predicted, double Precision, double Recall, double F1);
