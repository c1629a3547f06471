using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Training.Data;

namespace EdgePrune.Cli.Training;

/// <summary>What epochs are judged by: data of its own, a share of the training data, or nothing.</summary>
/// <param name="Path">Labelled samples, or null.</param>
/// <param name="Share">Share of every class of the training data to hold back, or null.</param>
internal sealed record ValidationChoice(string? Path, double? Share)
{
    private const double UsualShare = 0.1;

    /// <summary>Where nothing is asked for.</summary>
    public static ValidationChoice Usual { get; } = new(null, UsualShare);

    public static Option<ValidationChoice?> Option() => new("--validation")
    {
        Description = "Labelled samples to judge epochs by: a path, a share of every class to hold back, or none. [default: 10%]",
        HelpName = "what",
        CustomParser = Parse,
    };

    /// <summary>What is trained on, and what is judged by (null for nothing).</summary>
    /// <exception cref="InputException">The data cannot be read or split.</exception>
    public (Dataset Training, Dataset? Validation) Split(Dataset data, DatasetOptions options, int seed)
    {
        if (Path is not null)
        {
            return (data, Dataset.Load(Path, options));
        }

        return Share is { } share ? StratifiedSplit.Of(data, share, seed) : (data, null);
    }

    private static ValidationChoice? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (text == "none")
        {
            return new ValidationChoice(null, null);
        }

        if (text.EndsWith('%') && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent))
        {
            if (percent is > 0 and < 100)
            {
                return new ValidationChoice(null, percent / 100);
            }

            result.AddError($"--validation: '{text}' is no share; hold back more than 0 and less than 100 percent");
            return null;
        }

        return new ValidationChoice(text, null);
    }
}
