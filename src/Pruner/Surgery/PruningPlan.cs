using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Knowledge;
using Google.Protobuf;

namespace EdgePrune.Pruner.Surgery;

/// <summary>What is removed from a model, readable on its own: verification needs nothing else.</summary>
/// <param name="Format">Name and version of this form.</param>
/// <param name="ModelDigest">SHA-256 of the model that the plan was made for.</param>
/// <param name="Units">Units in ascending order.</param>
/// <param name="Coupling">What the analysis looked for; null for its defaults.</param>
/// <param name="Blocks">Residual branches and layers that go as a whole; null for none.</param>
/// <param name="Weights">Single weights that become zero; null for none.</param>
/// <param name="Groups">All groups of units that there were, for other models to follow the plan; null in plans that do not say.</param>
public sealed record PruningPlan(
    string Format,
    string ModelDigest,
    IReadOnlyList<RemovedUnit> Units,
    CouplingOptions? Coupling = null,
    IReadOnlyList<RemovedBlock>? Blocks = null,
    IReadOnlyList<WeightMask>? Weights = null,
    IReadOnlyList<PlannedGroup>? Groups = null)
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
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>True where the pruned model computes exactly what the masked original computes, to rounding.</summary>
    [JsonIgnore]
    public bool IsExact => Units.All(u => u.Inexact is null);

    /// <summary>True where constants were folded through padding, so that the border of what reads them differs.</summary>
    [JsonIgnore]
    public bool ChangesBorders => Units.Any(u => u.Constant == ConstantFate.FoldedPadded);

    /// <summary>The plan that removes these units.</summary>
    public static PruningPlan Of(OnnxModel model, CouplingResult coupling, IEnumerable<int> units)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(units);
        return new PruningPlan(
            CurrentFormat, Digest(model), [.. units.Distinct().Order().Select(u => coupling.Units[u]).Select(u => new RemovedUnit(u.Id, u.Group, u.Slices, u.Kind, u.Inexact))],
            coupling.Options == CouplingOptions.Default ? null : coupling.Options,
            Groups: PlannedGroup.Of(coupling));
    }

    /// <summary>SHA-256 of a model's bytes, as plans name it.</summary>
    public static string Digest(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var hash = SHA256.Create();
        // Hashed as it is written: the bytes of a large model are not needed all at once.
        using (var sink = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            model.Proto.WriteTo(sink);
        }

        return "sha256:" + Convert.ToHexStringLower(hash.Hash!);
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
            if (plan.Units.Any(u => u is null || u.Slices.Any(s => s is null)) || plan.Blocks?.Contains(null!) == true || plan.Weights?.Contains(null!) == true
                || plan.Groups?.Any(g => g is null || g.Layers.Contains(null!)) == true)
            {
                throw new JsonException("a unit, slice, block or mask is null");
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
