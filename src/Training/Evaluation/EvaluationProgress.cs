namespace EdgePrune.Training.Evaluation;

/// <summary>How far an evaluation is.</summary>
/// <param name="Done">Samples run.</param>
/// <param name="Total">Samples in all.</param>
public readonly record struct EvaluationProgress(int Done, int Total);
