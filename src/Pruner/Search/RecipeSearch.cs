namespace EdgePrune.Pruner.Search;

/// <summary>
/// Which trials a search makes. The first gives a model, however little time there is. Then recipes compete at one budget by successive halving (Jamieson and Talwalkar, AISTATS 2016): half of
/// them go, the others are judged by twice the samples. Those that remain go over a grid of budgets, and then the budgets between
/// neighbours on the front whose accuracies are farthest apart are tried. The order follows from the results alone, so that a search whose
/// finished trials are remembered goes on where it was cut off.
/// </summary>
/// <param name="recipes">All recipes, in the order in which ties are broken.</param>
/// <param name="heldOut">Held-out samples that there are.</param>
/// <param name="seconds">Time for all trials together, as they tell it.</param>
/// <param name="run">Makes one trial, or remembers it.</param>
public sealed class RecipeSearch(IReadOnlyList<SearchRecipe> recipes, int heldOut, double seconds, Func<TrialRequest, SearchTrial> run)
{
    private const double CompetingShare = 0.6;
    private const int Survivors = 2;
    private const int FewestSamples = 128;
    private const double Nearest = 0.01;
    private const int MostTrials = 1000;

    // The coarse grid first: a search that is cut short has seen the whole range.
    private static readonly double[] Grid = [0.6, 0.8, 0.4, 0.9, 0.7, 0.5, 0.3];

    private readonly List<SearchTrial> trials = [];

    /// <summary>Trials judged by all held-out samples, and those of the halving before them; until the time is up or nothing is left to try, and one model at least.</summary>
    public IReadOnlyList<SearchTrial> Run()
    {
        // However little time there is: a search that ends without a model was for nothing.
        foreach (SearchRecipe recipe in recipes.TakeWhile(_ => Front.Count == 0))
        {
            _ = Try(recipe, Grid[0], heldOut, isNeeded: true);
        }

        IReadOnlyList<SearchRecipe> best = Halve();
        foreach (double share in Grid)
        {
            foreach (SearchRecipe recipe in best)
            {
                _ = Try(recipe, share, heldOut);
            }
        }

        while (Between() is { } next && Try(next.Recipe, next.Share, heldOut))
        {
        }

        return trials;
    }

    /// <summary>The front of the trials that all held-out samples have judged.</summary>
    public IReadOnlyList<SearchTrial> Front => ParetoFront.Of(trials.Where(t => t.Accuracy is not null && t.Samples == heldOut), t => t.Cost, t => t.Accuracy!.Value);

    private bool TimeIsUp => trials.Count >= MostTrials || trials.Sum(t => t.Seconds) >= seconds;

    private IReadOnlyList<SearchRecipe> Halve()
    {
        IReadOnlyList<SearchRecipe> left = recipes;
        int rounds = (int)Math.Ceiling(Math.Log2(Math.Max(1.0, (double)left.Count / Survivors)));
        for (int round = 0; round < rounds && left.Count > Survivors; round++)
        {
            int samples = Math.Clamp(heldOut >> (rounds - round), Math.Min(FewestSamples, heldOut), heldOut);
            foreach (SearchRecipe recipe in left)
            {
                _ = Try(recipe, CompetingShare, samples);
            }

            // A recipe that there was no time for, or that cannot be done, goes behind all others.
            left = [.. left
                .OrderByDescending(r => trials.LastOrDefault(t => t.Recipe == r && t.Samples == samples)?.Accuracy ?? -1)
                .Take(Math.Max(Survivors, (left.Count + 1) / 2))];
        }

        return left;
    }

    // The budget in the middle of the widest step of the front, with the recipe of its better end.
    private (SearchRecipe Recipe, double Share)? Between()
    {
        IReadOnlyList<SearchTrial> front = Front;
        return front.Zip(front.Skip(1))
            .Select(pair => (pair.Second.Recipe, Share: (pair.First.Cost + pair.Second.Cost) / 2, Width: pair.Second.Cost - pair.First.Cost, Rise: pair.Second.Accuracy!.Value - pair.First.Accuracy!.Value))
            .Where(step => step.Width > 2 * Nearest && !trials.Any(t => t.Recipe == step.Recipe && t.Samples == heldOut && Math.Abs(t.Share - step.Share) < Nearest))
            .OrderByDescending(step => step.Rise * step.Width)
            .Select(step => ((SearchRecipe, double)?)(step.Recipe, step.Share))
            .FirstOrDefault();
    }

    private bool Try(SearchRecipe recipe, double share, int samples, bool isNeeded = false)
    {
        if (trials.Any(t => t.Recipe == recipe && t.Share == share && t.Samples == samples))
        {
            return true;
        }

        if (TimeIsUp && !isNeeded)
        {
            return false;
        }

        trials.Add(run(new TrialRequest(trials.Count + 1, recipe, share, samples)));
        return true;
    }
}
