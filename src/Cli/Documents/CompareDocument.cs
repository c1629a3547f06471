namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>compare</c>: two profiles side by side. Ratios are B over A.</summary>
/// <param name="A">Where the first comes from.</param>
/// <param name="B">Where the second comes from.</param>
/// <param name="TimesComparable">False where device, runtime or its settings differ: then no time has a ratio.</param>
/// <param name="EnergiesComparable">False where also the provenance differs, or one has no energies.</param>
/// <param name="Reasons">Why figures cannot be compared, or what else differs although they are.</param>
/// <param name="Method">How it was decided which differences are real, in words.</param>
/// <param name="Network">Latency and energy of a run.</param>
/// <param name="Memory">Sizes and work: exact, without intervals.</param>
/// <param name="Layers">In the order of A; those that only B has follow.</param>
/// <param name="Times">Layers by what was found of their times.</param>
/// <param name="Energies">Layers by what was found of their total energies.</param>
/// <param name="Remarks">What a reader must know.</param>
internal sealed record CompareDocument(
    CompareSide A,
    CompareSide B,
    bool TimesComparable,
    bool EnergiesComparable,
    IReadOnlyList<string> Reasons,
    string Method,
    IReadOnlyList<ComparedFigure> Network,
    IReadOnlyList<ComparedSize> Memory,
    IReadOnlyList<ComparedLayer> Layers,
    CompareCounts Times,
    CompareCounts Energies,
    IReadOnlyList<string> Remarks);

/// <summary>Where a profile comes from.</summary>
internal sealed record CompareSide(
    string File, string Model, string Device, string Runtime, string Provenance, string ProvenanceSource, ProfileConditions Before, ProfileConditions After);

/// <summary>One quantity in both profiles.</summary>
/// <param name="Quantity">latency, energy or dynamic energy of a run; time, energy or dynamic energy of a layer.</param>
/// <param name="Unit">Of the figures.</param>
/// <param name="A">Null where the profile does not have it.</param>
/// <param name="B">Null where the profile does not have it.</param>
/// <param name="Ratio">B over A; null where there is none.</param>
/// <param name="Difference">A word of <see cref="DifferenceWord"/>.</param>
internal sealed record ComparedFigure(string Quantity, string Unit, Figure? A, Figure? B, RatioFigure? Ratio, string Difference);

/// <param name="Value">B over A.</param>
/// <param name="Low">Lower end of the 95 % interval of this one ratio.</param>
/// <param name="High">Upper end; null where it has none.</param>
/// <param name="P">Two-sided p-value of a ratio of 1.</param>
/// <param name="AdjustedP">Adjusted for the number of layers; null where a single figure is compared.</param>
internal sealed record RatioFigure(double Value, double Low, double? High, double P, double? AdjustedP);

/// <summary>A size or an amount of work.</summary>
/// <param name="Quantity">What is counted.</param>
/// <param name="Unit">B for bytes; empty where things are counted.</param>
/// <param name="A">In the first profile.</param>
/// <param name="B">In the second.</param>
/// <param name="Ratio">B over A; null where A is 0.</param>
internal sealed record ComparedSize(string Quantity, string Unit, long A, long B, double? Ratio);

/// <summary>A layer of A and its counterpart in B.</summary>
/// <param name="NameA">Null where only B has it.</param>
/// <param name="NameB">Null where only A has it.</param>
/// <param name="OpA">Operator in A.</param>
/// <param name="OpB">Operator in B.</param>
/// <param name="MatchedBy">name or position; null where there is no counterpart.</param>
/// <param name="Time">One execution.</param>
/// <param name="Energy">One execution, idle power included.</param>
/// <param name="DynamicEnergy">One execution, above idle.</param>
internal sealed record ComparedLayer(
    string? NameA, string? NameB, string? OpA, string? OpB, string? MatchedBy, ComparedFigure Time, ComparedFigure Energy, ComparedFigure DynamicEnergy);

/// <summary>Layers by what was found of them.</summary>
/// <param name="Lower">Really lower in B.</param>
/// <param name="Higher">Really higher in B.</param>
/// <param name="Noise">Within the noise.</param>
/// <param name="Other">Only in one profile, without a figure in one of them, or not compared.</param>
internal sealed record CompareCounts(int Lower, int Higher, int Noise, int Other);

/// <summary>The words that <see cref="ComparedFigure.Difference"/> can hold.</summary>
internal static class DifferenceWord
{
    /// <summary>B is really lower.</summary>
    public const string Lower = "lower";

    /// <summary>B is really higher.</summary>
    public const string Higher = "higher";

    /// <summary>The difference is within the noise.</summary>
    public const string Noise = "noise";

    /// <summary>Both are modelled: their ratio follows from coefficients and shows no difference that was observed.</summary>
    public const string Modelled = "modelled";

    /// <summary>The two cannot be compared, see <see cref="CompareDocument.Reasons"/>.</summary>
    public const string NotCompared = "not-compared";

    public const string OnlyA = "only-a";

    public const string OnlyB = "only-b";

    /// <summary>Neither has it, or a figure is zero and has no ratio.</summary>
    public const string Unknown = "unknown";
}
