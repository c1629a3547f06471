using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Importance;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Cli.Options;

/// <summary>Options and arguments that several commands take, each made in one place so that they read alike everywhere.</summary>
internal static class SharedOptions
{
    public static Argument<string> Model(string name = "model", string description = "The .onnx file.") =>
        new(name) { Description = description };

    public static Option<int> Threads() => InRange(
        new Option<int>("--threads") { Description = "Threads inside one operator.", DefaultValueFactory = _ => 1, HelpName = "n" }, 1, 1024);

    public static Option<string> Provider() =>
        new("--provider") { Description = "Execution provider of ONNX Runtime.", DefaultValueFactory = _ => "CPU", HelpName = "name" };

    public static Option<int> Seed() => InRange(
        new Option<int>("--seed") { Description = "Seed of everything random.", DefaultValueFactory = _ => 0, HelpName = "n" }, 0, int.MaxValue);

    public static Option<string> Device() =>
        new("--device") { Description = "Device by name, or the path of a device file.", DefaultValueFactory = _ => "host", HelpName = "name" };

    public static Option<string?> Data(string description, bool required = false) =>
        new("--data") { Description = description, HelpName = "path", Required = required };

    public static Option<string?> Store() =>
        new("--store") { Description = "Folder of the model store. [default: EDGEPRUNE_STORE or the user's data folder]", HelpName = "folder" };

    public static Option<double> SweepSeconds() => InRange(
        new Option<double>("--seconds") { Description = "Time to spend on measuring the costs of layers.", DefaultValueFactory = _ => 60, HelpName = "s" }, 0.1, 86_400);

    public static Option<string?> CostTable() =>
        new("--table") { Description = "File that keeps measured costs. [default: one a device in the user's data folder]", HelpName = "file" };

    /// <summary><c>--shape input=1,3,224,224</c>, once for each input.</summary>
    public static Option<Dictionary<string, long[]>> Shapes() =>
        new("--shape")
        {
            Description = "Shape of an input with free dimensions, such as input=1,3,224,224; repeatable.",
            HelpName = "name=dims",
            CustomParser = ParseShapes,
            AllowMultipleArgumentsPerToken = false,
            Arity = ArgumentArity.OneOrMore,
        };

    /// <summary>A share given in percent, <c>70%</c> or <c>70</c>, as a fraction; null where not given.</summary>
    public static Option<double?> Percent(string name, string description) =>
        new(name) { Description = description, HelpName = "percent", CustomParser = result => ParsePercent(name, result) };

    /// <summary>A fraction above 0 and below 1; null where not given.</summary>
    public static Option<double?> Share(string name, string description)
    {
        var option = new Option<double?>(name) { Description = description, HelpName = "share" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: { } text }] && double.TryParse(text, CultureInfo.InvariantCulture, out double value) && value is not (> 0 and < 1))
            {
                result.AddError($"{name} must be above 0 and below 1, not {text}; 0.4 removes 40 %");
            }
        });
        return option;
    }

    /// <summary>A criterion by its name.</summary>
    /// <param name="withData">False where the command has no samples to give, which some criteria need.</param>
    public static Option<string> Importance(bool withData = false)
    {
        string[] names = [.. ImportanceCriteria.All.Where(c => withData || c.Needs == ImportanceNeeds.Weights).Select(c => c.Name)];
        var option = new Option<string>("--importance")
        {
            Description = $"Criterion: {string.Join(", ", names)}.",
            DefaultValueFactory = _ => "l2",
            HelpName = "name",
        };
        option.Validators.Add(result =>
        {
            // Here, because a loop would find out only after its first profile.
            if (result.Tokens is [{ Value: { } text }] && !names.Contains(text, StringComparer.Ordinal))
            {
                result.AddError($"there is no importance criterion '{text}'; there are {string.Join(", ", names)}");
            }
        });
        return option;
    }

    /// <summary>Kinds of units by their words, some of <paramref name="choices"/>; null where not given.</summary>
    public static Option<UnitKind[]?> Kinds(IReadOnlyList<string> choices) =>
        new("--kinds")
        {
            Description = $"Kinds of units that may go, with commas between: {string.Join(", ", choices)}. [default: all that cut finest]",
            HelpName = "kinds",
            CustomParser = result => ParseKinds(choices, result),
            Arity = ArgumentArity.ExactlyOne,
        };

    public static Option<bool> AllowInexact() =>
        new("--allow-inexact") { Description = "Also units for which a cut model differs from a masked one by nature, as along a normalised axis." };

    public static Option<ConstantHandling> Constants() =>
        new("--constants")
        {
            Description = "Constants that removed channels carry: drop; fold (into the biases of what reads them, where that is exact); fold-padded (also into layers that pad their input: other results at the border).",
            HelpName = "word",
            CustomParser = ParseConstants,
            DefaultValueFactory = _ => ConstantHandling.Fold,
            Arity = ArgumentArity.ExactlyOne,
        };

    public static CouplingOptions Coupling(ParseResult parsed, Option<UnitKind[]?> kinds, Option<bool> allowInexact) =>
        new() { Kinds = parsed.GetResult(kinds) is null ? null : parsed.GetValue(kinds), AllowInexact = parsed.GetValue(allowInexact) };

    public static Option<string?> Html() =>
        new("--html") { Description = "Write a page for the browser as well; it needs no network.", HelpName = "file" };

    public static Option<string?> Output() =>
        new("--output", "-o") { Description = "Where the pruned model goes. [default: beside the model]", HelpName = "file" };

    /// <summary><c>model.onnx</c> → <c>model.pruned.onnx</c> where the user names no output.</summary>
    public static string OutputOf(string? output, string model) => output ?? Path.ChangeExtension(model, ".pruned.onnx");

    public static SessionSettings Settings(ParseResult parsed, Option<int> threads, Option<string> provider) =>
        new() { Threads = parsed.GetValue(threads), Provider = parsed.GetValue(provider)! };

    public static Option<T> InRange<T>(Option<T> option, T low, T high)
        where T : struct, IComparable<T>, IParsable<T>
    {
        option.Validators.Add(result =>
        {
            // What is not a number at all the library reports by itself.
            if (result.Tokens is [{ Value: { } text }] && T.TryParse(text, CultureInfo.InvariantCulture, out T value)
                && (value.CompareTo(low) < 0 || value.CompareTo(high) > 0))
            {
                result.AddError($"{option.Name} must be from {low} to {high}, not {value}");
            }
        });
        return option;
    }

    private static double? ParsePercent(string name, ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        string number = text.EndsWith('%') ? text[..^1].TrimEnd() : text;
        if (double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent is > 0 and <= 100)
        {
            return percent / 100;
        }

        result.AddError($"{name}: '{text}' is no share: give more than 0 and at most 100 percent, for example 70%");
        return null;
    }

    private static ConstantHandling ParseConstants(ArgumentResult result)
    {
        int word = UnitWords.OfConstants.IndexOf(result.Tokens[0].Value);
        if (word < 0)
        {
            result.AddError($"--constants: '{result.Tokens[0].Value}' is none of {string.Join(", ", UnitWords.OfConstants)}");
        }

        return (ConstantHandling)Math.Max(0, word);
    }

    private static UnitKind[]? ParseKinds(IReadOnlyList<string> choices, ArgumentResult result)
    {
        string[] words = result.Tokens[0].Value.Split(',', StringSplitOptions.TrimEntries);
        if (words.FirstOrDefault(w => !choices.Contains(w, StringComparer.Ordinal)) is { } unknown)
        {
            result.AddError($"--kinds: '{unknown}' is none of the kinds of units that this command takes: {string.Join(", ", choices)}");
            return null;
        }

        return [.. words.Select(UnitWords.Parse).Distinct().Order()];
    }

    private static Dictionary<string, long[]>? ParseShapes(ArgumentResult result)
    {
        var shapes = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (Token token in result.Tokens)
        {
            // Names may hold '=' themselves; dimensions never do.
            int equals = token.Value.LastIndexOf('=');
            string[] parts = equals > 0 ? token.Value[(equals + 1)..].Split(',') : [];
            long[] dims = new long[parts.Length];
            bool good = parts.Length > 0;
            for (int i = 0; i < parts.Length; i++)
            {
                good &= long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out dims[i]) && dims[i] > 0;
            }

            if (!good || !shapes.TryAdd(token.Value[..equals], dims))
            {
                result.AddError($"--shape '{token.Value}' is not understood or given twice; write it as input=1,3,224,224");
                return null;
            }
        }

        return shapes;
    }
}
