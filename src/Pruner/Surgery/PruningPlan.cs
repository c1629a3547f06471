using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Surgery;

/// <summary>A unit that goes, with every slice that goes with it.</summary>
/// <param name="Unit">Its id.</param>
/// <param name="Group">Its group's id.</param>
/// <param name="Slices">What goes with it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Inexact">Why the pruned model differs from the masked one by nature; null where the two compute the same.</param>
public sealed record RemovedUnit(
    int Unit, int Group, IReadOnlyList<UnitSlice> Slices, UnitKind Kind = UnitKind.Neuron, string? Inexact = null);

/// <summary>What is removed from a model, readable on its own: verification needs nothing else.</summary>
/// <param name="Format">Name and version of this form.</param>
/// <param name="ModelDigest">SHA-256 of the model that the plan was made for.</param>
/// <param name="Units">Units in ascending order.</param>
/// <param name="Coupling">What the analysis looked for; null for its defaults.</param>
public sealed record PruningPlan(string Format, string ModelDigest, IReadOnlyList<RemovedUnit> Units, CouplingOptions? Coupling = null)
{
    public const string CurrentFormat = "edgeprune-plan/1";
    private const long MaxFileBytes = 256L << 20;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
    };

    /// <summary>The plan that removes these units.</summary>
    public static PruningPlan Of(OnnxModel model, CouplingResult coupling, IEnumerable<int> units)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(units);
        return new PruningPlan(
            CurrentFormat, Digest(model), [.. units.Distinct().Order().Select(u => coupling.Units[u]).Select(u => new RemovedUnit(u.Id, u.Group, u.Slices, u.Kind, u.Inexact))],
            coupling.Options == CouplingOptions.Default ? null : coupling.Options);
    }

    /// <summary>SHA-256 of a model's bytes, as plans name it.</summary>
    public static string Digest(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(model.ToBytes()));
    }

    public void Save(string path) => AtomicFile.WriteText(path, ToJson() + "\n");

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="InputException">The file is missing or no plan.</exception>
    public static PruningPlan Load(string path)
    {
        try
        {
            // Pipes and devices have no length; opening one could wait for ever.
            long length = new FileInfo(path).Length;
            if (length is 0 or > MaxFileBytes)
            {
                throw new InputException($"{path} is {(length == 0 ? "empty" : "larger than any plan")}; a plan that prune wrote was expected");
            }

            PruningPlan plan = JsonSerializer.Deserialize<PruningPlan>(File.ReadAllText(path), Json) ?? throw new JsonException("null");
            // The serializer lets null stand among the elements of a list.
            if (plan.Units.Any(u => u is null || u.Slices.Any(s => s is null)))
            {
                throw new JsonException("a unit or slice is null");
            }

            return plan.Format == CurrentFormat
                ? plan
                : throw new InputException($"{path}: format '{plan.Format}' is not {CurrentFormat}");
        }
        catch (JsonException bad)
        {
            throw new InputException($"{path} is no pruning plan: {bad.Message}", bad);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path} cannot be read: {e.Message}", e);
        }
    }
}
