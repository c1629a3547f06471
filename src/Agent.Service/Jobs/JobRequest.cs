using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Jobs;

/// <summary>A measurement that a client asks for.</summary>
/// <param name="Kind">What is measured.</param>
/// <param name="Model"><c>current</c>, <c>previous</c>, <c>sha256:</c> and a digest of the store, or <c>upload:</c> and the name of an upload.</param>
/// <param name="Other">The model to compare with; null where one is measured.</param>
/// <param name="Seconds">Time to spend; null: what is usual for the kind.</param>
/// <param name="Shapes">Shapes of inputs with free dimensions.</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Threads">Inside one operator; null: those of the agent's own inference.</param>
/// <param name="Kinds">For costs: kinds of units whose widths are swept, as in plans; null: those that cut finest.</param>
/// <param name="AllowInexact">For costs: also units that no exact cut exists for.</param>
internal sealed record JobRequest(
    JobKind Kind,
    string Model,
    string? Other = null,
    double? Seconds = null,
    IReadOnlyDictionary<string, long[]>? Shapes = null,
    int Seed = 0,
    int? Threads = null,
    IReadOnlyList<string>? Kinds = null,
    bool AllowInexact = false)
{
    private const double MaxSeconds = 3600;
    private const int MaxThreads = 256;
    private const int MaxShapes = 64;
    private const int MaxAxes = 16;
    private const int MaxTextLength = 200;

    /// <exception cref="InputException">Something in it makes no sense.</exception>
    public void Check()
    {
        Require(Enum.IsDefined(Kind), "kind is profile, costs or compare");
        Require(Model is { Length: > 0 and <= MaxTextLength }, "model is missing: current, previous, sha256:… or upload:…");
        Require(Other is null or { Length: > 0 and <= MaxTextLength }, "other is too long");
        Require(Kind == JobKind.Compare == Other is not null, "other goes with kind compare, and compare needs it");
        Require(Seconds is null or (> 0 and <= MaxSeconds), "seconds is above 0 and up to 3600");
        Require(Seed >= 0, "seed is not negative");
        Require(Threads is null or (> 0 and <= MaxThreads), "threads is 1 to 256");
        Require(Kinds is null || (Kinds.Count is > 0 and <= MaxShapes && Kinds.All(k => k is { Length: > 0 and <= MaxTextLength })), "kinds names no kind, or too many");
        Require(
            Shapes is null || (Shapes.Count <= MaxShapes && Shapes.All(s => s.Key.Length <= MaxTextLength && s.Value is { Length: > 0 and <= MaxAxes } && s.Value.All(d => d > 0))),
            "shapes has an entry that is no shape");
    }

    private static void Require(bool sound, string what)
    {
        if (!sound)
        {
            throw new InputException($"the job cannot be done: {what}");
        }
    }
}
