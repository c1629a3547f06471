using System.CommandLine;
using EdgePrune.Onnx.Files;
using EdgePrune.Pruner.Recipes;

namespace EdgePrune.Cli.Options;

/// <summary>Recipes that are read and written.</summary>
internal sealed class RecipeOption
{
    public const string Name = "--recipe";

    private readonly Option<string?> recipe = new(Name) { Description = "Do what a recipe says (docs/recipes.md); options written out go before it.", HelpName = "file" };
    private readonly Option<string?> save = new("--save-recipe") { Description = "Write the recipe that all of this amounts to.", HelpName = "file" };

    /// <summary>Both of them.</summary>
    public IEnumerable<Option> All => [recipe, save];

    /// <summary>The recipe named, or one at its defaults.</summary>
    public PruneRecipe Load(ParseResult parsed) => parsed.GetValue(recipe) is { } path ? PruneRecipe.Load(path) : new PruneRecipe();

    /// <exception cref="Onnx.InputException">The recipe cannot be written where it should go.</exception>
    public void Check(ParseResult parsed, params string?[] others)
    {
        if (parsed.GetValue(save) is { } path)
        {
            OutputFile.Check(path, others);
        }
    }

    /// <summary>Writes the recipe where that is asked for, and gives its text as a file in the current folder would have it.</summary>
    public string Save(ParseResult parsed, PruneRecipe made)
    {
        if (parsed.GetValue(save) is { } path)
        {
            AtomicFile.WriteText(path, made.ToYaml(Path.GetDirectoryName(Path.GetFullPath(path))!));
        }

        return made.ToYaml(Environment.CurrentDirectory);
    }
}
