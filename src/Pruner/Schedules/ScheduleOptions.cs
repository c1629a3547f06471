using System.Globalization;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Budget;
using EdgePrune.Pruner.Recipes;

namespace EdgePrune.Pruner.Schedules;

/// <summary>When units and weights go, and how long that is trained.</summary>
public sealed record ScheduleOptions
{
    private const string Forms =
        "one-shot, iterative:CUTS[:linear], layer-by-layer, gradual:STEPS[:EVERY], dynamic:STEPS[:EVERY], dense-sparse-dense:STEPS[:SHARE%], l1:STEPS:FACTOR or group-lasso:STEPS:FACTOR";

    private const int MaxCuts = 1000;
    private const long MaxSteps = 100_000_000;

    public PruningScheduleKind Kind { get; init; }

    /// <summary>Cuts of an iterative schedule.</summary>
    public int Cuts { get; init; } = 1;

    /// <summary>How an iterative schedule divides the way to the budget.</summary>
    public CutSpacing Spacing { get; init; }

    /// <summary>Training steps of the schedules that train.</summary>
    public long Steps { get; init; }

    /// <summary>Steps between two changes of masks, Δt; 0 for one twentieth of all steps.</summary>
    public long Every { get; init; }

    /// <summary>Factor of the penalty, for L1 and group lasso.</summary>
    public double Factor { get; init; }

    /// <summary>Units whose weights' norm is below this share of the mean norm that their group had before the training go.</summary>
    public double Threshold { get; init; } = 0.05;

    /// <summary>Share of weights at zero in the sparse phase of dense–sparse–dense.</summary>
    public double Share { get; init; } = 0.3;

    /// <summary>α: share of what is active that a dynamic schedule exchanges at its first update.</summary>
    public double Exchange { get; init; } = 0.3;

    /// <summary>Share of the training after which masks stay as they are, so that what is left can settle.</summary>
    public double MaskedUntil { get; init; } = 0.75;

    /// <summary>Steps between two changes of masks, at least 1.</summary>
    public long Interval => Every > 0 ? Every : Math.Max(1, Steps / 20);

    /// <summary>True where the schedule itself trains.</summary>
    public bool Trains => Steps > 0;

    /// <summary>True where training itself tells which units go, so that no budget has to be given.</summary>
    public bool DecidesUnits => Kind is PruningScheduleKind.L1 or PruningScheduleKind.GroupLasso or PruningScheduleKind.DenseSparseDense;

    /// <summary>Reads what <c>--schedule</c> takes.</summary>
    /// <exception cref="InputException">It is none of the forms.</exception>
    public static ScheduleOptions Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':');
        ScheduleOptions? read = (parts[0], parts.Length) switch
        {
            ("one-shot", 1) => new ScheduleOptions(),
            ("layer-by-layer", 1) => new ScheduleOptions { Kind = PruningScheduleKind.LayerByLayer },
            ("iterative", 2 or 3) => Whole(parts[1], MaxCuts) is { } cuts && Spaced(parts.ElementAtOrDefault(2)) is { } spacing
                ? new ScheduleOptions { Kind = PruningScheduleKind.Iterative, Cuts = (int)cuts, Spacing = spacing }
                : null,
            ("gradual" or "dynamic", 2 or 3) => Whole(parts[1], MaxSteps) is { } steps && Whole(parts.ElementAtOrDefault(2) ?? parts[1], steps) is { } every
                ? new ScheduleOptions
                {
                    Kind = parts[0] == "gradual" ? PruningScheduleKind.Gradual : PruningScheduleKind.Dynamic,
                    Steps = steps,
                    Every = parts.Length == 3 ? every : 0,
                }
                : null,
            ("dense-sparse-dense", 2 or 3) => Whole(parts[1], MaxSteps) is >= 3 and { } steps && Percent(parts.ElementAtOrDefault(2) ?? "30%") is { } share
                ? new ScheduleOptions { Kind = PruningScheduleKind.DenseSparseDense, Steps = steps, Share = share }
                : null,
            ("l1" or "group-lasso", 3) => Whole(parts[1], MaxSteps) is { } steps
                && double.TryParse(parts[2], NumberStyles.Float, CultureInfo.InvariantCulture, out double factor) && factor > 0 && double.IsFinite(factor)
                ? new ScheduleOptions { Kind = parts[0] == "l1" ? PruningScheduleKind.L1 : PruningScheduleKind.GroupLasso, Steps = steps, Factor = factor }
                : null,
            _ => null,
        };
        return read ?? throw new InputException($"'{Printable.Name(text)}' is no schedule: write {Forms}");
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public string ToText()
    {
        string word = Words.Of(Kind);
        return Kind switch
        {
            PruningScheduleKind.Iterative => string.Create(CultureInfo.InvariantCulture, $"{word}:{Cuts}{(Spacing == CutSpacing.Linear ? ":linear" : "")}"),
            PruningScheduleKind.Gradual or PruningScheduleKind.Dynamic => string.Create(CultureInfo.InvariantCulture, $"{word}:{Steps}{(Every > 0 ? $":{Every}" : "")}"),
            PruningScheduleKind.DenseSparseDense => string.Create(CultureInfo.InvariantCulture, $"{word}:{Steps}:{ExactNumber.Percent(Share)}"),
            PruningScheduleKind.L1 or PruningScheduleKind.GroupLasso => string.Create(CultureInfo.InvariantCulture, $"{word}:{Steps}:{Factor:R}"),
            _ => word,
        };
    }

    private static long? Whole(string text, long most) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value > 0 && value <= most ? value : null;

    private static CutSpacing? Spaced(string? word) => word switch
    {
        null or "geometric" => CutSpacing.Geometric,
        "linear" => CutSpacing.Linear,
        _ => null,
    };

    private static double? Percent(string text) =>
        text.EndsWith('%') && ExactNumber.TryParse(text[..^1], 0.01m, out double share) && share is > 0 and < 1 ? share : null;
}
