using EdgePrune.Pruner.Recipes.Sections;

namespace EdgePrune.Pruner.Recipes;

/// <summary>The sections of a recipe, in the order of the pruner's steps.</summary>
internal static class RecipeSections
{
    public static IReadOnlyList<IRecipeSection> All { get; } =
    [
        new RunSection(),
        new CalibrationSection(),
        new UnitsSection(),
        new LayersSection(),
        new ScoreSection(),
        new KnowledgeSection(),
        new BudgetSection(),
        new ScheduleSection(),
        new TrainSection(),
        new TransferSection(),
        new CutSection(),
        new DensifySection(),
        new ReconstructSection(),
        new SparsitySection(),
        new StoreSection(),
    ];
}
