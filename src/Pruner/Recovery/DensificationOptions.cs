using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Budget;

namespace EdgePrune.Pruner.Recovery;

/// <summary>How units are brought back under the budget.</summary>
public sealed record DensificationOptions
{
    private const int MaxEvaluations = 1_000_000;

    public DensificationKind Kind { get; init; }

    /// <summary>For <see cref="DensificationKind.Gradient"/>: how far beyond the budget the first cut goes, as a share of what the budget leaves.</summary>
    public double Beyond { get; init; } = 0.2;

    /// <summary>For <see cref="DensificationKind.Genetic"/>: choices of units that are tried on the samples, at most.</summary>
    public int Evaluations { get; init; } = 200;

    /// <summary>For <see cref="DensificationKind.Genetic"/>: choices that are alive together.</summary>
    public int Population { get; init; } = 16;

    /// <summary>For <see cref="DensificationKind.Genetic"/>: chance that a group of a child is changed, 0 to 1.</summary>
    public double Mutation { get; init; } = 0.1;

    /// <summary>Reads what <c>--densify</c> takes.</summary>
    /// <exception cref="InputException">It is none of the forms.</exception>
    public static DensificationOptions Parse(string how)
    {
        ArgumentNullException.ThrowIfNull(how);
        string[] parts = how.Split(':');
        return parts switch
        {
            ["gradient"] => new DensificationOptions(),
            ["gradient", var text] when text.EndsWith('%') && ExactNumber.TryParse(text[..^1], 0.01m, out double share) && share is > 0 and < 1
                => new DensificationOptions { Beyond = share },
            ["genetic"] => new DensificationOptions { Kind = DensificationKind.Genetic },
            ["genetic", var count] when int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int evaluations) && evaluations is > 0 and <= MaxEvaluations
                => new DensificationOptions { Kind = DensificationKind.Genetic, Evaluations = evaluations },
            _ => throw new InputException($"'{Printable.Name(how)}' is no densification: write gradient, gradient:20% (cut so much further first), genetic or genetic:200 (choices tried)"),
        };
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public string ToText() => Kind == DensificationKind.Genetic
        ? string.Create(CultureInfo.InvariantCulture, $"genetic:{Evaluations}")
        : $"gradient:{ExactNumber.Percent(Beyond)}";
}
