using EdgePrune.Onnx;
using EdgePrune.Profiler;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Training.Data;

namespace EdgePrune.Pruner.Search;

/// <summary>Makes the trials of a search: each model is cut, fitted and run over held-out samples. Costs are measured once, scores once a way to score.</summary>
public sealed class SearchRunner
{
    private readonly PreparedPruning first;
    private readonly CostMetric metric;
    private readonly Dataset heldOut;
    private readonly CancellationToken cancel;
    private readonly Dictionary<SearchRecipe, PreparedPruning> prepared = [];
    private readonly Func<SearchRecipe, PruneOptions> options;

    /// <param name="model">The model.</param>
    /// <param name="options">What a recipe asks for; all of them of the same units and the same board.</param>
    /// <param name="any">A recipe to measure costs with.</param>
    /// <param name="metric">The cost that is to fall.</param>
    /// <param name="heldOut">Labelled training samples that nothing is scored or fitted with.</param>
    /// <param name="progress">Told while costs are measured.</param>
    /// <param name="cancel">Ends whatever is under way.</param>
    /// <exception cref="InputException">Nothing can be pruned, or the model does not run.</exception>
    public SearchRunner(
        OnnxModel model, Func<SearchRecipe, PruneOptions> options, SearchRecipe any, CostMetric metric, Dataset heldOut, IProgress<ProfileProgress>? progress, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        this.metric = metric;
        this.heldOut = heldOut;
        this.cancel = cancel;
        // Scored by weights alone: what a criterion that does not fit the model has to say belongs to its own trial.
        PruneOptions plain = options(any);
        first = PreparedPruning.Of(PreparedModel.AsGiven(model, plain with { Scoring = new Importance.ScoringOptions(), Reconstruction = null }), progress, cancel);
    }

    /// <summary>Makes one trial. What is wrong with it is part of the result.</summary>
    /// <param name="request">What to try.</param>
    /// <param name="keep">Given the model, where there is one.</param>
    public SearchTrial Run(TrialRequest request, Action<OnnxModel>? keep = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        long start = TimeProvider.System.GetTimestamp();
        (double cost, double? accuracy, string? problem) = (1, null, null);
        try
        {
            PreparedPruning ready = Prepared(request.Recipe);
            BudgetPlan plan = ready.Planner.Choose(BudgetRequest.AtMost(metric, request.Share), cancel: cancel);
            cost = plan.Share(metric);
            PruneCandidate? candidate = plan.Choice.Met ? ready.Make(plan, cancel) : null;
            problem = candidate is null ? "no choice of units keeps this budget"
                : candidate.Equivalence.Ok ? null
                : $"the cut model differs from the masked original by {candidate.Equivalence.MaxRelError:G2}";
            if (problem is null)
            {
                accuracy = FloorSearch.Accuracy(candidate!.Model, ready.Options, heldOut.Take(request.Samples), cancel);
                keep?.Invoke(candidate.Model);
            }
        }
        catch (InputException unfit)
        {
            problem = unfit.Message;
        }

        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        return new SearchTrial(request.Number, request.Recipe, request.Share, request.Samples, cost, accuracy, seconds, problem);
    }

    private PreparedPruning Prepared(SearchRecipe recipe)
    {
        if (!prepared.TryGetValue(recipe, out PreparedPruning? ready))
        {
            // Scores of the same criterion and scope serve every way to fit.
            ready = prepared.Where(p => p.Key with { Reconstruction = recipe.Reconstruction } == recipe).Select(p => p.Value).FirstOrDefault() is { } scored
                ? scored.Fitting(options(recipe))
                : first.With(options(recipe), cancel);
            prepared[recipe] = ready;
        }

        return ready;
    }
}
