using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Recipes;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Sparsity;

namespace EdgePrune.Cli.Options;

/// <summary>The options that say how units are scored and which layers are spared.</summary>
internal sealed class ScoringArguments
{
    private readonly Option<string> importance = SharedOptions.Importance(withData: true);
    private readonly Option<Reduction?> reduction = Word<Reduction>("--reduction", "How the scores of a unit's slices become one");
    private readonly Option<ScoreNormalization?> normalization = Word<ScoreNormalization>("--normalization", "What the scores of a layer's units are divided by");
    private readonly Option<ScoreScope?> scope = Word<ScoreScope>("--scope", "Which units compete with each other", "global");
    private readonly Option<string?> calibration = new("--calibration")
    {
        Description = "Training samples that criteria may look at; never those that the result is judged by.",
        HelpName = "path",
    };

    private readonly Option<int> samples = SharedOptions.InRange(
        new Option<int>("--samples") { Description = "How many of them to use.", DefaultValueFactory = _ => CalibrationData.DefaultSamples, HelpName = "n" }, 1, 1 << 20);

    private readonly Option<string[]?> protect = new("--protect")
    {
        Description = "Layers that stay as they are, by node or weight name with * and ?; repeatable.",
        HelpName = "pattern",
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<LayerRule[]?> keep = new("--keep")
    {
        Description = "Share of a layer's units that must stay, or the range it must come to: 'conv1*=50%' or 'conv1*=25%..75%'; repeatable.",
        HelpName = "pattern=shares",
        CustomParser = ParseRules,
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<ReconstructionKind?> reconstruct =
        Word<ReconstructionKind>("--reconstruct", "Fit what is left to the original's activations on the calibration samples, in closed form", "nothing");

    private readonly Option<SparsityPattern?> sparsity = new("--sparsity")
    {
        Description = "Single weights that become zero: 50% (a share), 2:4 (2 of 4 stay), 4x1:50% (a share of blocks), '<0.01' (all that are worth less).",
        HelpName = "pattern",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = ParsePattern,
    };

    private readonly Option<SparsityMethod?> sparsityMethod = Word<SparsityMethod>("--sparsity-method", "How a single weight's worth is found", "magnitude");

    private readonly Option<bool> sparsityGlobal = new("--sparsity-global") { Description = "Compare single weights of all layers with each other." };

    private readonly Option<bool> storeSparse = new("--store-sparse")
    {
        Description = "Keep weights that are mostly zero (two of three and more) as sparse initializers, where the file gets smaller by it.",
    };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All =>
        [importance, reduction, normalization, scope, calibration, samples, protect, keep, reconstruct, sparsity, sparsityMethod, sparsityGlobal, storeSparse];

    /// <summary>The recipe with what was written out in its place.</summary>
    public PruneRecipe Apply(ParseResult parsed, PruneRecipe recipe) => recipe with
    {
        Scoring = recipe.Scoring with
        {
            Criterion = parsed.Or(importance, recipe.Scoring.Criterion),
            Reduction = parsed.Or(reduction, recipe.Scoring.Reduction),
            Normalization = parsed.Or(normalization, recipe.Scoring.Normalization),
            Scope = parsed.Or(scope, recipe.Scoring.Scope) ?? ScoreScope.Global,
        },
        Calibration = Calibration(parsed, recipe.Calibration),
        Layers = Layers(parsed, recipe.Layers),
        Reconstruction = parsed.GetValue(reconstruct) is { } kind ? (recipe.Reconstruction ?? new ReconstructionOptions()) with { Kind = kind } : recipe.Reconstruction,
        Sparsity = Sparsity(parsed, recipe.Sparsity),
        StoreSparse = parsed.Or(storeSparse, recipe.StoreSparse),
    };

    private CalibrationSource? Calibration(ParseResult parsed, CalibrationSource? known)
    {
        CalibrationSource? source = parsed.GetValue(calibration) is { } path
            ? new CalibrationSource(Path.GetFullPath(path), known?.Samples ?? CalibrationData.DefaultSamples)
            : known;
        return source is null ? null : source with { Samples = parsed.Or(samples, source.Samples) };
    }

    // Rules of a kind that is written out take the place of the recipe's rules of that kind.
    private LayerRule[] Layers(ParseResult parsed, IReadOnlyList<LayerRule> known) =>
    [
        .. parsed.IsGiven(protect) ? parsed.GetValue(protect)!.Select(LayerRule.Protect) : known.Where(l => l.IsProtected),
        .. parsed.IsGiven(keep) ? parsed.GetValue(keep)! : known.Where(l => !l.IsProtected),
    ];

    private SparsityOptions? Sparsity(ParseResult parsed, SparsityOptions? known)
    {
        SparsityOptions? options = parsed.GetValue(sparsity) is { } pattern ? (known ?? new SparsityOptions { Pattern = pattern }) with { Pattern = pattern } : known;
        return options is null ? null : options with
        {
            Method = parsed.Or(sparsityMethod, options.Method) ?? SparsityMethod.Magnitude,
            IsGlobal = parsed.Or(sparsityGlobal, options.IsGlobal),
        };
    }

    /// <summary>An option that takes one of an enumeration's words.</summary>
    internal static Option<T?> Word<T>(string name, string description, string? otherwise = null)
        where T : struct, Enum
    {
        string[] words = [.. Enum.GetNames<T>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];
        return new Option<T?>(name)
        {
            Description = $"{description}: {string.Join(", ", words)}. [default: {otherwise ?? "the criterion's own"}]",
            HelpName = "word",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                int at = Array.IndexOf(words, result.Tokens[0].Value);
                if (at < 0)
                {
                    result.AddError($"{name}: '{result.Tokens[0].Value}' is none of {string.Join(", ", words)}");
                    return null;
                }

                return Enum.GetValues<T>()[at];
            },
        };
    }

    private static SparsityPattern? ParsePattern(ArgumentResult result)
    {
        try
        {
            return SparsityPattern.Parse(result.Tokens[0].Value);
        }
        catch (InputException wrong)
        {
            result.AddError($"--sparsity: {wrong.Message}");
            return null;
        }
    }

    private static LayerRule[]? ParseRules(ArgumentResult result)
    {
        try
        {
            return [.. result.Tokens.Select(t => LayerRuleText.Parse(t.Value))];
        }
        catch (InputException wrong)
        {
            result.AddError($"--keep: {wrong.Message}");
            return null;
        }
    }
}
