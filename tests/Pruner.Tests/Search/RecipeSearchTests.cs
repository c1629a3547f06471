using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Search;

namespace Pruner.Tests.Search;

/// <summary>Which trials a search makes, on accuracies that the test makes up.</summary>
public sealed class RecipeSearchTests
{
    private const int HeldOut = 1000;
    private static readonly IReadOnlyList<SearchRecipe> Recipes = SearchRecipe.All(["l1", "l2", "taylor", "fpgm"], [ScoreScope.Global, ScoreScope.Layer], [null]);

    [Fact]
    public void Halving_leaves_the_best_recipes_and_the_grid_is_theirs_alone()
    {
        var search = new RecipeSearch(Recipes, HeldOut, 1e9, Run);
        IReadOnlyList<SearchTrial> trials = search.Run();
        Assert.Equal([.. Enumerable.Range(1, trials.Count)], trials.Select(t => t.Number));
        Assert.Equal(trials.Count, trials.Select(t => (t.Recipe, t.Share, t.Samples)).Distinct().Count());
        // 8 → 4 → 2, each time on more samples.
        Assert.Equal([8, 4], trials.Where(t => t.Samples < HeldOut).GroupBy(t => t.Samples).OrderBy(g => g.Key).Select(g => g.Count()));
        SearchRecipe[] grid = [.. trials.Skip(1).Where(t => t.Samples == HeldOut).Select(t => t.Recipe).Distinct()];
        Assert.Equal([.. Recipes.OrderByDescending(Quality).Take(2)], grid.OrderByDescending(Quality));
        // Every trial on the front is beaten by none.
        Assert.All(search.Front, a => Assert.DoesNotContain(trials.Where(t => t.Samples == HeldOut), b => b.Cost < a.Cost && b.Accuracy >= a.Accuracy));
        // The budgets between were looked at: no step of the front is wide.
        Assert.All(search.Front.Zip(search.Front.Skip(1)), pair => Assert.True(pair.Second.Cost - pair.First.Cost < 0.05));
    }

    [Fact]
    public void However_little_time_there_is_there_is_a_model()
    {
        int tried = 0;
        SearchTrial FirstFails(TrialRequest request) => tried++ < 2 ? Run(request) with { Accuracy = null, Problem = "not to be had" } : Run(request);
        var search = new RecipeSearch(Recipes, HeldOut, 0.5, FirstFails);
        IReadOnlyList<SearchTrial> trials = search.Run();
        Assert.Equal(3, trials.Count);
        Assert.Equal(trials[2], Assert.Single(search.Front));
        Assert.Equal(HeldOut, trials[2].Samples);
    }

    [Fact]
    public void A_search_that_is_cut_off_goes_on_as_if_it_had_not_been()
    {
        IReadOnlyList<SearchTrial> whole = new RecipeSearch(Recipes, HeldOut, 60, Run).Run();
        for (int cut = 1; cut < whole.Count; cut += 3)
        {
            var finished = new Dictionary<TrialRequest, SearchTrial>();
            int left = cut;
            SearchTrial Kept(TrialRequest request)
            {
                if (!finished.TryGetValue(request, out SearchTrial? known))
                {
                    known = left-- > 0 ? Run(request) : throw new OperationCanceledException();
                    finished[request] = known;
                }

                return known;
            }

            Assert.Throws<OperationCanceledException>(() => new RecipeSearch(Recipes, HeldOut, 60, Kept).Run());
            Assert.Equal(cut, finished.Count);
            left = int.MaxValue;
            Assert.Equal(whole, new RecipeSearch(Recipes, HeldOut, 60, Kept).Run());
        }
    }

    [Fact]
    public void With_more_time_the_same_trials_come_first()
    {
        IReadOnlyList<SearchTrial> brief = new RecipeSearch(Recipes, HeldOut, 15, Run).Run();
        IReadOnlyList<SearchTrial> lengthy = new RecipeSearch(Recipes, HeldOut, 60, Run).Run();
        Assert.Equal(15, brief.Count); // a second each
        Assert.Equal(brief, lengthy.Take(15));
    }

    [Fact]
    public void A_recipe_that_cannot_be_done_does_not_survive_the_others()
    {
        SearchTrial Broken(TrialRequest request) => request.Recipe.Criterion is "taylor" ? Run(request) with { Accuracy = null, Problem = "no rule" } : Run(request);
        var search = new RecipeSearch(Recipes, HeldOut, 1e9, Broken);
        _ = search.Run();
        Assert.DoesNotContain(search.Front, t => t.Recipe.Criterion == "taylor");
        Assert.NotEmpty(search.Front);
    }

    [Fact]
    public void The_front_is_what_comparing_each_with_each_leaves()
    {
        var random = new Random(11);
        for (int round = 0; round < 200; round++)
        {
            (double Cost, double Gain)[] all = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => ((double)random.Next(8), (double)random.Next(8)))];
            IReadOnlyList<(double Cost, double Gain)> front = ParetoFront.Of(all, p => p.Cost, p => p.Gain);
            HashSet<(double, double)> expected = [.. all.Where(a => !all.Any(b => (b.Cost <= a.Cost && b.Gain > a.Gain) || (b.Cost < a.Cost && b.Gain >= a.Gain)))];
            Assert.Equal(expected.Order(), front);
        }
    }

    private static double Quality(SearchRecipe recipe) => Recipes.ToList().IndexOf(recipe) * 7 % Recipes.Count;

    private static SearchTrial Run(TrialRequest request) => new(
        request.Number, request.Recipe, request.Share, request.Samples, request.Share - 0.005, 1 - ((1 - request.Share) * (1.1 - (0.1 * Quality(request.Recipe)))), 1, null);
}
