using System.Security.Cryptography;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Store;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Bundles;

/// <summary>What a bundle holds and where it may go; the part of it that is signed.</summary>
public sealed record BundleManifest
{
    /// <summary>The type under which it is signed.</summary>
    public const string PayloadType = "application/vnd.in-toto+json";

    private const int MaxDeviceClasses = 64;
    private const int MaxResources = 64;

    /// <summary>The model's name: which of a board's models this replaces.</summary>
    public required string Name { get; init; }

    /// <summary>Counts up from bundle to bundle of one name.</summary>
    public required long Version { get; init; }

    public required DateTimeOffset Issued { get; init; }

    /// <summary>From then on the bundle is not taken any more. What has been installed goes on.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The boards that it is for.</summary>
    public required IReadOnlyList<string> DeviceClasses { get; init; }

    /// <summary>The files, in the order in which the bundle holds them: one model, at most one canary.</summary>
    public required IReadOnlyList<BundleResource> Resources { get; init; }

    /// <summary>What the model must hold to on the device; null: the device's own rule alone.</summary>
    public BundleGates? Gates { get; init; }

    /// <summary>The model's file.</summary>
    public BundleResource Model => Resources.Single(r => r.Role == ResourceRole.Model);

    /// <summary>Signs it.</summary>
    /// <exception cref="InputException">It contradicts itself.</exception>
    public Envelope Seal(IEnumerable<SigningKey> keys)
    {
        Validate("the manifest");
        var statement = new BundleStatement(
            BundleStatement.StatementType,
            [new StatementSubject(Name, new SubjectDigest(DigestOf(Resources)))],
            BundleStatement.BundlePredicateType,
            new BundlePredicate(Version, WholeSeconds.Of(Issued), WholeSeconds.Of(Expires), DeviceClasses, Resources, Gates));
        return Envelope.Seal(PayloadType, CanonicalJson.Write(statement, SignedJson.Default.BundleStatement), keys);
    }

    /// <summary>Reads the payload of an envelope whose signatures have been checked.</summary>
    /// <exception cref="InputException">It is no manifest, or contradicts itself.</exception>
    internal static BundleManifest Read(Envelope envelope)
    {
        const string what = "the bundle's manifest";
        BundleStatement statement = CanonicalJson.Read(envelope.Payload.Span, SignedJson.Default.BundleStatement, what);
        Require(
            statement is { Type: BundleStatement.StatementType, PredicateType: BundleStatement.BundlePredicateType, Subject: [not null] },
            what,
            $"it is not a statement of the type {BundleStatement.BundlePredicateType} about one subject; this agent may be too old for it");
        BundlePredicate predicate = statement.Predicate;
        var manifest = new BundleManifest
        {
            Name = statement.Subject[0].Name,
            Version = predicate.Version,
            Issued = predicate.Issued,
            Expires = predicate.Expires,
            DeviceClasses = predicate.DeviceClasses,
            Resources = predicate.Resources,
            Gates = predicate.Gates,
        };
        manifest.Validate(what);
        Require(DigestOf(manifest.Resources) == statement.Subject[0].Digest.Sha256, what, "the digest of its subject is not that of its resources");
        return manifest;
    }

    private static string DigestOf(IEnumerable<BundleResource> resources) =>
        Convert.ToHexStringLower(SHA256.HashData([.. resources.SelectMany(r => Convert.FromHexString(r.Digest))]));

    private void Validate(string what)
    {
        Require(IdentifierText.IsValid(Name), what, "the model's name is not 1 to 64 of a–z, 0–9, '.', '_', '+', '-'");
        Require(Version > 0, what, $"its version, {Version}, is not positive");
        Require(Expires > Issued, what, "it expires before it is issued");
        Require(
            DeviceClasses.Count is > 0 and <= MaxDeviceClasses && DeviceClasses.All(IdentifierText.IsValid),
            what,
            $"it does not name 1 to {MaxDeviceClasses} device classes");
        Require(Resources.Count is > 0 and <= MaxResources, what, $"it does not list 1 to {MaxResources} files");
        foreach (BundleResource resource in Resources)
        {
            Require(resource is not null && IdentifierText.IsValid(resource.Name) && resource.Name != BundleArchive.ManifestName, what, "a file's name is not 1 to 64 of a–z, 0–9, '.', '_', '+', '-' without '..'; paths are not possible");
            Require(Enum.IsDefined(resource!.Role), what, $"the file '{resource.Name}' has an unknown role");
            Require(resource.Algorithm == BundleResource.Sha256, what, $"the file '{resource.Name}' is not digested by {BundleResource.Sha256}");
            Require(ModelDigest.TryParse(resource.Digest, out ModelDigest? digest) && digest.Hex == resource.Digest, what, $"the digest of the file '{resource.Name}' is not 64 lower-case hexadecimal digits");
            Require(resource.Size is > 0 and <= BundleArchive.MaxFileBytes, what, $"the size of the file '{resource.Name}', {resource.Size}, is not possible");
        }

        Require(Resources.Select(r => r.Name).Distinct(StringComparer.Ordinal).Count() == Resources.Count, what, "two files have one name");
        Require(Resources.Count(r => r.Role == ResourceRole.Model) == 1, what, "it does not hold exactly one model");
        Require(Resources.Count(r => r.Role == ResourceRole.Canary) <= 1, what, "it holds more than one canary");
        Gates?.Validate(what);
    }

    private static void Require(bool condition, string what, string problem)
    {
        if (!condition)
        {
            throw new InputException($"{what} is refused: {problem}");
        }
    }
}
