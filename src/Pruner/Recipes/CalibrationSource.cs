namespace EdgePrune.Pruner.Recipes;

/// <summary>Where calibration samples come from.</summary>
/// <param name="Data">Path of training data.</param>
/// <param name="Samples">How many of them to use.</param>
public sealed record CalibrationSource(string Data, int Samples = Calibration.CalibrationData.DefaultSamples);
