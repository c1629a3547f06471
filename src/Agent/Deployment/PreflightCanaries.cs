using System.Globalization;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Canaries;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Deployment;

/// <summary>Canaries that a model must pass in its preflight.</summary>
/// <param name="Path">Their file.</param>
/// <param name="Rule">When they are passed.</param>
public sealed record PreflightCanaries(string Path, AnswerRule Rule)
{
    private const string NoCheck = "-";

    /// <summary>What follows the model's path on the child's command line.</summary>
    public IReadOnlyList<string> ToArguments() =>
    [
        Path,
        Rule.Check?.ToString() ?? NoCheck,
        Rule.Tolerance.ToString(CultureInfo.InvariantCulture),
        Rule.MinShare.ToString(CultureInfo.InvariantCulture),
    ];

    /// <summary>The other side of <see cref="ToArguments"/>; null where there are none.</summary>
    /// <exception cref="InputException">They are something else.</exception>
    public static PreflightCanaries? FromArguments(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (arguments.Count == 0)
        {
            return null;
        }

        AnswerCheck check = default;
        return arguments is [var path, var word, var tolerance, var share]
            && (word == NoCheck || Enum.TryParse(word, out check))
            && double.TryParse(tolerance, NumberStyles.Float, CultureInfo.InvariantCulture, out double t)
            && double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out double s)
            ? new PreflightCanaries(path, new AnswerRule(word == NoCheck ? null : check, t, s))
            : throw new InputException("a preflight takes a model, and canaries with their check, tolerance and share");
    }
}
