using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Drawing;

namespace EdgePrune.Cli.Html;

/// <summary>What one page shows.</summary>
/// <param name="Kind">profile, costs, compare, graph, training, loop, prune or search: which script draws it.</param>
/// <param name="Title">Of the browser's window.</param>
/// <param name="Remark">What must be said of the energies, or null.</param>
/// <param name="Profile">Shown where the kind is profile, and below a loop.</param>
/// <param name="Costs">Shown where the kind is costs, and below a profile or a loop.</param>
/// <param name="Compare">Shown where the kind is compare.</param>
/// <param name="Graph">Shown where the kind is graph.</param>
/// <param name="Training">Shown where the kind is training.</param>
/// <param name="Loop">Shown where the kind is loop.</param>
/// <param name="Prune">Shown where the kind is prune.</param>
/// <param name="Search">Shown where the kind is search.</param>
internal sealed record ReportPage(
    string Kind, string Title, string? Remark, ProfileDocument? Profile, CostCurves? Costs, CompareDocument? Compare, GraphDocument? Graph = null, TrainDocument? Training = null, LoopDocument? Loop = null, PruneDocument? Prune = null, SearchDocument? Search = null)
{
    /// <param name="profile">The profile.</param>
    /// <param name="costs">Costs of its layers over their widths, where a table has them.</param>
    public static ReportPage Of(ProfileDocument profile, CostCurves? costs) =>
        new("profile", $"{profile.Model} on {profile.Device}", Reports.ProfileProvenance.Remark(profile), profile, costs, null);

    public static ReportPage Of(CostCurves costs) => new("costs", $"Costs of {costs.Model} on {costs.Device}", null, null, costs, null);

    public static ReportPage Of(CompareDocument compare) => new("compare", $"{compare.A.File} and {compare.B.File}", null, null, null, compare);

    public static ReportPage Of(TrainDocument training) =>
        new("training", $"Training of {training.Model}", null, null, null, null, null, training);

    /// <param name="loop">The loop.</param>
    /// <param name="profile">Profile of the original on the board.</param>
    /// <param name="costs">Costs of its layers there.</param>
    public static ReportPage Of(LoopDocument loop, ProfileDocument profile, CostCurves costs) =>
        new("loop", $"{profile.Model} on {loop.Device}: {loop.Verdict}", Reports.ProfileProvenance.Remark(profile), profile, costs, null, Loop: loop);

    public static ReportPage Of(GraphDocument graph) => new("graph", $"{graph.Model}: graph and units", null, null, null, null, graph);

    /// <param name="prune">What pruning did.</param>
    /// <param name="model">Name of the original's file.</param>
    public static ReportPage Of(PruneDocument prune, string model) => new("prune", $"{model}, pruned", null, null, null, null, Prune: prune);

    public static ReportPage Of(SearchDocument search) => new("search", $"{search.Model}: cost against accuracy", null, null, null, null, Search: search);
}
