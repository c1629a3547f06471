namespace EdgePrune.Pruner.Search;

/// <summary>What is to be tried.</summary>
/// <param name="Number">Its place among all trials, from 1.</param>
/// <param name="Recipe">How.</param>
/// <param name="Share">Share of the cost that may remain.</param>
/// <param name="Samples">Held-out samples to judge by.</param>
public sealed record TrialRequest(int Number, SearchRecipe Recipe, double Share, int Samples);

/// <summary>What came of it.</summary>
/// <param name="Number">Its place among all trials, from 1.</param>
/// <param name="Recipe">How.</param>
/// <param name="Share">Share of the cost that was allowed.</param>
/// <param name="Samples">Held-out samples that judged.</param>
/// <param name="Cost">Share of the cost that the table predicts of the model.</param>
/// <param name="Accuracy">Share of the samples classified right; null where there is no such model.</param>
/// <param name="Seconds">Time that it took.</param>
/// <param name="Problem">Why there is no model; null where there is one.</param>
public sealed record SearchTrial(int Number, SearchRecipe Recipe, double Share, int Samples, double Cost, double? Accuracy, double Seconds, string? Problem);
