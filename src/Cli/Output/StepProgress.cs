namespace EdgePrune.Cli.Output;

/// <summary>How far a step is.</summary>
/// <param name="Fraction">0 to 1.</param>
/// <param name="What">What is being worked on, or null.</param>
internal readonly record struct StepProgress(double Fraction, string? What = null);
