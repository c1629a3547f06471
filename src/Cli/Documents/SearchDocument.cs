using EdgePrune.Pruner.Search;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>search</c>, and what <c>front.json</c> holds.</summary>
/// <param name="Model">Name of the model's file.</param>
/// <param name="Metric">The cost of the front: energy, latency, or what is counted.</param>
/// <param name="Provenance">Of the energies.</param>
/// <param name="Data">Where the training data came from.</param>
/// <param name="Calibration">Samples that scored and fitted.</param>
/// <param name="HeldOut">Samples of the training data, held out, that every accuracy here is measured on.</param>
/// <param name="Accuracy">The original's on them, 0 to 1.</param>
/// <param name="Front">The models that nothing beats, the cheapest first; measured each against the original, interleaved.</param>
/// <param name="Trials">All that was tried.</param>
/// <param name="Seconds">Time that the trials took.</param>
/// <param name="Folder">Where models, recipes and the page lie.</param>
internal sealed record SearchDocument(
    string Model,
    string Metric,
    string Provenance,
    string Data,
    int Calibration,
    int HeldOut,
    double Accuracy,
    IReadOnlyList<FrontModel> Front,
    IReadOnlyList<SearchTrial> Trials,
    double Seconds,
    string Folder);

/// <summary>A model on the front.</summary>
/// <param name="Trial">Number of its trial.</param>
/// <param name="Recipe">Name of its recipe.</param>
/// <param name="Cost">Share of the original's cost: of latency as measured, of energy by <paramref name="Provenance"/> at the latency measured, of anything else as counted.</param>
/// <param name="Predicted">Share of the cost that the table predicts.</param>
/// <param name="Accuracy">On the held-out samples, 0 to 1.</param>
/// <param name="LatencyRatio">To the original, measured.</param>
/// <param name="EnergyRatio">To the original; see the provenance.</param>
/// <param name="Provenance">Of the energies: measured, counted or modelled.</param>
/// <param name="Bytes">Size of its file.</param>
/// <param name="Output">Its file.</param>
/// <param name="RecipeFile">A recipe that <c>prune</c> takes.</param>
internal sealed record FrontModel(
    int Trial, string Recipe, double Cost, double Predicted, double Accuracy, Figure LatencyRatio, Figure EnergyRatio, string Provenance, long Bytes, string Output, string RecipeFile);
