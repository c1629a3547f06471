using System.Reflection;
using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Recipes;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Recovery;
using EdgePrune.Pruner.Schedules;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.TestSupport;

namespace Pruner.Tests.Recipes;

public sealed class RecipeTests
{
    private static readonly string Samples = Path.Combine(Repository.Root, "samples", "digits");

    [Fact]
    public void Any_recipe_written_and_read_again_gives_the_same_options()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            PruneRecipe recipe = RandomRecipes.Make(seed, Samples);
            string text = recipe.ToYaml(Samples);
            PruneRecipe again = PruneRecipe.Parse(text, "recipe.yaml", Samples);
            Assert.Equal(Printed(recipe), Printed(again));
            Assert.Equal(text, again.ToYaml(Samples));
        }
    }

    [Fact]
    public void Every_option_of_the_pruner_can_be_said_in_a_recipe()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("priors.yaml"), "priors: 1\nprotect: [first]\nsensitivity: {'conv*': 2}\n");
        PruneRecipe full = RandomRecipes.Full(Samples) with { Knowledge = new KnowledgeSource(folder.File("priors.yaml")) };
        full = PruneRecipe.Parse(full.ToYaml(Samples), "recipe.yaml", Samples);
        PruneOptions said = full.ToOptions();
        PruneOptions usual = new PruneRecipe().ToOptions();
        Assert.Empty(Same(said, usual, nameof(PruneOptions.CostStore)));
        Assert.Empty(Same(said.Scoring, usual.Scoring));
        Assert.Empty(Same(said.Coupling, usual.Coupling));
        Assert.Empty(Same(said.Schedule, usual.Schedule, nameof(ScheduleOptions.Cuts), nameof(ScheduleOptions.Spacing), nameof(ScheduleOptions.Factor), nameof(ScheduleOptions.Share), nameof(ScheduleOptions.DecidesUnits))); // of other kinds
        Assert.Empty(Same(said.Recovery!, new RecoveryOptions { Training = said.Recovery!.Training }, nameof(RecoveryOptions.Training)));
        Assert.Empty(Same(said.Transfer!, new TransferOptions()));
        Assert.Empty(Same(said.Densification!, new DensificationOptions(), nameof(DensificationOptions.Beyond))); // of the other kind
        Assert.Empty(Same(said.Reconstruction!, new ReconstructionOptions()));
        Assert.Empty(Same(said.Sparsity!, new SparsityOptions { Pattern = SparsityPattern.Parse("50%") }));
        Assert.Empty(Same(said.Session, usual.Session, nameof(SessionSettings.OptimizedModelPath))); // a file that measuring writes for itself
    }

    [Fact]
    public void All_that_is_wrong_with_a_recipe_is_told_at_once_with_its_line()
    {
        const string Text = """
            recipe: 1
            run:
              threads: many
            score:
              importance: l3
              scop: layer
            budget:
              energy: 160%
              ratio: 0.5
            sparsity:
              method: magnitude
            finetune: {}
            """;
        string[] lines = Assert.Throws<InputException>(() => PruneRecipe.Parse(Text, "r.yaml", ".")).Message.Split('\n');
        Assert.Collection(
            lines,
            l => Assert.StartsWith("r.yaml:3: run.threads must be a whole number", l, StringComparison.Ordinal),
            l => Assert.StartsWith("r.yaml:5: score.importance: there is no importance criterion 'l3'", l, StringComparison.Ordinal),
            l => Assert.StartsWith("r.yaml:6: score.scop is not a known key", l, StringComparison.Ordinal),
            l => Assert.StartsWith("r.yaml:8: budget.energy: '160%' is neither", l, StringComparison.Ordinal),
            l => Assert.StartsWith("r.yaml:11: sparsity.pattern is missing", l, StringComparison.Ordinal),
            l => Assert.StartsWith("r.yaml:12: finetune is not a known key", l, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("recipe: 2")]
    [InlineData("- 1\n- 2")]
    [InlineData("recipe: 1\nlayers: [a")]
    [InlineData("recipe: 1\nlayers: {keep: 'conv=150%'}")]
    [InlineData("recipe: 1\nbudget: {ratio: 1}")]
    [InlineData("recipe: 1\nbudget: {energy: 50%, ratio: 0.3}")]
    [InlineData("recipe: 1\nrun: {shapes: {x: [0]}}")]
    [InlineData("recipe: 1\nunits: {kinds: [weight]}")]
    [InlineData("recipe: 1\nrecipe: 1")]
    public void What_is_no_recipe_is_refused_with_the_file_and_the_line(string text) =>
        Assert.StartsWith("r.yaml:", Assert.Throws<InputException>(() => PruneRecipe.Parse(text, "r.yaml", ".")).Message, StringComparison.Ordinal);

    [Fact]
    public void Paths_in_a_recipe_start_from_its_folder()
    {
        using var folder = new TempFolder();
        string inner = Directory.CreateDirectory(folder.File("inner")).FullName;
        File.WriteAllText(Path.Combine(inner, "r.yaml"), "recipe: 1\ncalibration:\n  data: ../train.npz\nrun:\n  device: board.yaml\n  costs: costs.sqlite\n");
        PruneRecipe recipe = PruneRecipe.Load(Path.Combine(inner, "r.yaml"));
        Assert.Equal(folder.File("train.npz"), recipe.Calibration!.Data);
        Assert.Equal(Path.Combine(inner, "board.yaml"), recipe.Device);
        Assert.Equal(Path.Combine(inner, "costs.sqlite"), recipe.CostStore);
        Assert.Contains("data: train.npz", recipe.ToYaml(folder.Path), StringComparison.Ordinal);
        Assert.Contains("device: inner/board.yaml", recipe.ToYaml(folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_limit_is_written_so_that_it_is_read_as_the_very_same_number()
    {
        var random = new Random(7);
        foreach (CostMetric metric in Enum.GetValues<CostMetric>())
        {
            for (int i = 0; i < 500; i++)
            {
                var share = new BudgetTarget(metric, Math.Max(1e-9, random.NextDouble()), IsShare: true);
                var amount = new BudgetTarget(metric, Math.Pow(10, (random.NextDouble() * 14) - 6), IsShare: false);
                Assert.Equal(share, BudgetTargetText.Parse(metric, BudgetTargetText.Of(share)));
                Assert.Equal(amount, BudgetTargetText.Parse(metric, BudgetTargetText.Of(amount)));
            }
        }

        Assert.Equal("60%", BudgetTargetText.Of(new BudgetTarget(CostMetric.Energy, 0.6, true)));
        Assert.Equal("7%", BudgetTargetText.Of(new BudgetTarget(CostMetric.Energy, 0.07, true)));
    }

    // Names of the properties that are alike in both: the recipe had no word for them.
    private static string[] Same<T>(T said, T usual, params string[] except) =>
        [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => !except.Contains(p.Name) && Printed(p.GetValue(said)) == Printed(p.GetValue(usual))).Select(p => p.Name)];

    private static string Printed(object? value) => JsonSerializer.Serialize(value, value?.GetType() ?? typeof(object));
}
