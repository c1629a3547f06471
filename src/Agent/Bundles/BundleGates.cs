using System.Text.Json.Serialization;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Bundles;

/// <summary>
/// What a model must hold to on the device to stay there; signed with it. Without a gate on latency or energy the model must be
/// really better: the whole interval of the ratio lies below 1. With one it may be worse up to there, and a gate that the device
/// cannot check does not hold.
/// </summary>
public sealed record BundleGates
{
    private const double LargestRatio = 1000;
    private const int MostRequests = 1_000_000;
    private const long MostSeconds = 30L * 86_400;

    /// <summary>The most that the whole interval of latency, new over old, may reach.</summary>
    [JsonPropertyName("maxLatencyRatio")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MaxLatencyRatio { get; init; }

    /// <summary>The most that the whole interval of energy per inference, new over old, may reach.</summary>
    [JsonPropertyName("maxEnergyRatio")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MaxEnergyRatio { get; init; }

    /// <summary>Share of answers, 0 to 1, that must be like the incumbent's. Only real inputs count: live requests and canaries.</summary>
    [JsonPropertyName("minAgreement")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MinAgreement { get; init; }

    /// <summary>Percentage points by which fewer labelled canaries may be classified rightly than by the incumbent.</summary>
    [JsonPropertyName("maxAccuracyDrop")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MaxAccuracyDrop { get; init; }

    /// <summary>Share of canaries, 0 to 1, whose outputs must be the expected ones; all where null.</summary>
    [JsonPropertyName("minCanaries")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? MinCanaries { get; init; }

    /// <summary>When answers are alike; where null the model's outputs tell (see <see cref="Canaries.AnswerComparison"/>).</summary>
    [JsonPropertyName("answerCheck")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public AnswerCheck? AnswerCheck { get; init; }

    /// <summary>For <see cref="Bundles.AnswerCheck.Values"/>; 0.01 where null.</summary>
    [JsonPropertyName("answerTolerance")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AnswerTolerance { get; init; }

    /// <summary>Comparisons with the incumbent after which probation ends; the device's own setting where null.</summary>
    [JsonPropertyName("probationRequests")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ProbationRequests { get; init; }

    /// <summary>Seconds after which probation ends at the latest; the device's own setting where null.</summary>
    [JsonPropertyName("probationSeconds")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ProbationSeconds { get; init; }

    /// <summary>Fewer comparisons than these decide nothing: the model goes back.</summary>
    [JsonPropertyName("minRequests")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MinRequests { get; init; }

    /// <summary>Nothing beyond the rule that a model must be really better.</summary>
    public static BundleGates None { get; } = new();

    /// <summary>The tolerance in force.</summary>
    [JsonIgnore]
    public double Tolerance => AnswerTolerance ?? 0.01;

    /// <exception cref="InputException">A gate is out of bounds; all that are wrong are named.</exception>
    internal void Validate(string what)
    {
        string[] problems =
        [
            .. Problems("maxLatencyRatio", MaxLatencyRatio, 0, LargestRatio),
            .. Problems("maxEnergyRatio", MaxEnergyRatio, 0, LargestRatio),
            .. Problems("minAgreement", MinAgreement, 0, 1),
            .. Problems("maxAccuracyDrop", MaxAccuracyDrop, 0, 100),
            .. Problems("minCanaries", MinCanaries, 0, 1),
            .. Problems("answerTolerance", AnswerTolerance, 0, LargestRatio),
            .. Problems("probationRequests", ProbationRequests, 1, MostRequests),
            .. Problems("probationSeconds", ProbationSeconds, 1, MostSeconds),
            .. Problems("minRequests", MinRequests, 0, MostRequests),
            .. AnswerCheck is { } check && !Enum.IsDefined(check) ? (string[])["answerCheck is unknown"] : [],
            .. MinRequests > ProbationRequests ? (string[])["minRequests is more than probationRequests"] : [],
        ];
        if (problems.Length > 0)
        {
            throw new InputException($"{what} is refused: its gates are wrong: {string.Join("; ", problems)}");
        }
    }

    private static IEnumerable<string> Problems(string name, double? value, double min, double max) =>
        value is { } given && !(given >= min && given <= max) ? [FormattableString.Invariant($"{name} is {given}, not {min} to {max}")] : [];
}
