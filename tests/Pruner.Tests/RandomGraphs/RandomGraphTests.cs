using EdgePrune.Onnx;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace Pruner.Tests.RandomGraphs;

/// <summary>
/// The law of surgery on graphs drawn over all rules: 300 of them, always the same; in nightly mode 10,000 that are new each time. A
/// failure is shrunk, and its recipe goes into <see cref="A_recipe_gives_its_graph_again"/> or, as a small graph with a name, into FoundShapes.
/// </summary>
public sealed class RandomGraphTests
{
    private const int Graphs = 300;
    private const int NightlyGraphs = 10_000;
    private const int Subsets = 3;

    [Fact]
    public void The_law_holds_on_random_graphs()
    {
        int graphs = 0;
        int cuttable = 0;
        long units = 0;
        Config config = Nightly.IsOn
            ? Config.QuickThrowOnFailure.WithMaxTest(NightlyGraphs)
            : Config.QuickThrowOnFailure.WithMaxTest(Graphs).WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(20_26, 11), FSharpOption<int>.None)));
        Prop.ForAll(RecipeGenerator.Recipes, recipe =>
        {
            int found = Check(recipe);
            graphs++;
            cuttable += found > 0 ? 1 : 0;
            units += found;
        }).Check(config.WithQuietOnSuccess(true));

        TestContext.Current.TestOutputHelper!.WriteLine($"{graphs} graphs, {units} units, {graphs - cuttable} graphs without any");
        // Graphs in which everything is frozen would pass without saying anything.
        Assert.True(graphs >= Graphs && cuttable > graphs * 0.8 && units > graphs * 8L, $"{graphs} graphs, {cuttable} that can be cut, {units} units");
    }

    [Fact]
    public void Every_step_takes_part()
    {
        var failures = new List<string>();
        foreach (string name in RandomSteps.All.Keys)
        {
            for (int variant = 0; variant < 6; variant++)
            {
                try
                {
                    Check(new GraphRecipe(variant % 2 == 0 ? 17 : 21, [new GraphStep("conv", 0, 5, 0), new GraphStep(name, 0, variant, variant), new GraphStep(name, 1, 5 - variant, variant)]));
                }
                catch (InvalidOperationException e)
                {
                    failures.Add(e.Message);
                }
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Theory]
    [InlineData("17: conv 0 4 1; grouped query attention 1 2 3")]
    [InlineData("17: rows to image 0 0 0; local response 0 0 0; shared 0 0 0")]
    public void A_recipe_gives_its_graph_again(string text)
    {
        var recipe = GraphRecipe.Parse(text);

        Assert.Equal(text, recipe.ToString());
        Assert.Equal(recipe.Build().ToBytes(), GraphRecipe.Parse(text).Build().ToBytes());
        Check(recipe);
    }

    [Fact]
    public void Shrinking_ends_and_each_of_its_steps_is_simpler()
    {
        var recipe = GraphRecipe.Parse("21: conv 3 4 5; meet 7 1 2; lstm 1 1 1");
        int rounds = 0;
        while (RecipeGenerator.Simpler(recipe).LastOrDefault() is { } simpler)
        {
            Assert.True(Size(simpler) < Size(recipe), $"{simpler} after {recipe}");
            recipe = simpler;
            Assert.True(++rounds < 1000);
        }

        Assert.Empty(recipe.Steps);
    }

    private static int Size(GraphRecipe recipe) => (recipe.Opset == 17 ? 0 : 1) + recipe.Steps.Sum(s => 1 + s.Source + s.Width + s.Variant);

    internal static int Check(GraphRecipe recipe)
    {
        try
        {
            OnnxModel model = recipe.Build();
            int units = Law.Holds(model, Subsets).Units.Count;
            Law.CutsInShape(model);
            return units;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // FsCheck prints what it was given in a form of its own; this is the one that can be pasted into a test.
            throw new InvalidOperationException($"the recipe \"{recipe}\" fails: {e.Message}", e);
        }
    }
}
