using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Reconstruction;
using EdgePrune.Pruner.Sparsity;
using EdgePrune.Training.Data;

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

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All =>
        [importance, reduction, normalization, scope, calibration, samples, protect, keep, reconstruct, sparsity, sparsityMethod, sparsityGlobal];

    /// <summary>True where single weights are to go.</summary>
    public bool WantsSparsity(ParseResult parsed) => parsed.GetValue(sparsity) is not null;

    /// <summary>How what is left is fitted, or null.</summary>
    public ReconstructionOptions? Reconstruction(ParseResult parsed, int seed) =>
        parsed.GetValue(reconstruct) is { } kind ? new ReconstructionOptions { Kind = kind, Seed = seed } : null;

    /// <summary>Which single weights go, or null.</summary>
    public SparsityOptions? Sparsity(ParseResult parsed) => parsed.GetValue(sparsity) is { } pattern
        ? new SparsityOptions
        {
            Pattern = pattern,
            Method = parsed.GetValue(sparsityMethod) ?? SparsityMethod.Magnitude,
            IsGlobal = parsed.GetValue(sparsityGlobal),
            Protected = parsed.GetValue(protect) ?? [],
        }
        : null;

    /// <summary>How units are scored.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="data">The samples of <see cref="Calibration"/>.</param>
    public ScoringOptions Scoring(ParseResult parsed, CalibrationData? data) => new()
    {
        Criterion = parsed.GetValue(importance)!,
        Reduction = parsed.GetValue(reduction),
        Normalization = parsed.GetValue(normalization),
        Scope = parsed.GetValue(scope) ?? ScoreScope.Global,
        Data = data,
    };

    /// <summary>The samples to calibrate on, or null.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="seed">Seed of the draw.</param>
    public CalibrationData? Calibration(ParseResult parsed, int seed) =>
        parsed.GetValue(calibration) is { } path ? new CalibrationData(Dataset.Load(path), parsed.GetValue(samples), seed) : null;

    /// <summary>How many samples to calibrate on.</summary>
    public int Samples(ParseResult parsed) => parsed.GetValue(samples);

    /// <summary>What is said of single layers.</summary>
    public IReadOnlyList<LayerRule> Layers(ParseResult parsed) =>
        [.. (parsed.GetValue(protect) ?? []).Select(LayerRule.Protect), .. parsed.GetValue(keep) ?? []];

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
        var rules = new List<LayerRule>();
        foreach (string text in result.Tokens.Select(t => t.Value))
        {
            int equals = text.LastIndexOf('=');
            string[] ends = equals > 0 ? text[(equals + 1)..].Split("..") : [];
            double[] shares = [.. ends.Select(Share)];
            bool good = shares.Length is 1 or 2 && shares.All(s => s is >= 0 and <= 1) && shares[^1] >= shares[0] && (shares.Length == 1 || shares[1] > 0);
            if (!good)
            {
                result.AddError($"--keep '{text}' is not understood; write it as 'conv1*=50%' (at least half) or 'conv1*=25%..75%'");
                return null;
            }

            rules.Add(new LayerRule(text[..equals], shares[0], shares.Length == 2 ? shares[1] : 1));
        }

        return [.. rules];
    }

    private static double Share(string text) =>
        text.EndsWith('%') && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) ? percent / 100 : double.NaN;
}
