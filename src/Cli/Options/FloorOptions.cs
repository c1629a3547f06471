using System.CommandLine;
using System.CommandLine.Parsing;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Recipes;
using EdgePrune.Pruner.Search;

namespace EdgePrune.Cli.Options;

/// <summary>The accuracy that a pruned model must keep.</summary>
internal sealed class FloorOptions
{
    private readonly Option<AccuracyFloor?> floor = new("--accuracy-floor")
    {
        Description = "Least accuracy on held-out training samples, and the cheapest model that has it: 90%, or -1% (at most one percent of the original's is lost).",
        HelpName = "percent",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = Parse,
    };

    private readonly Option<string?> heldOut = new("--held-out")
    {
        Description = "Labelled training data to hold the floor on. [default: calibration samples that --samples leaves over]",
        HelpName = "path",
    };

    /// <summary>Both of them.</summary>
    public IEnumerable<Option> All => [floor, heldOut];

    /// <summary>The recipe with what was written out in its place.</summary>
    public PruneRecipe Apply(ParseResult parsed, PruneRecipe recipe) => recipe with
    {
        Floor = parsed.Or(floor, recipe.Floor),
        HeldOut = parsed.GetValue(heldOut) is { } path ? Path.GetFullPath(path) : recipe.HeldOut,
    };

    private static AccuracyFloor? Parse(ArgumentResult result)
    {
        try
        {
            return AccuracyFloor.Parse(result.Tokens[0].Value);
        }
        catch (InputException wrong)
        {
            result.AddError($"--accuracy-floor: {wrong.Message}");
            return null;
        }
    }
}
