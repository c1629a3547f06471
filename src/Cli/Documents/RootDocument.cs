using EdgePrune.Agent.Trust;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>keys root</c>.</summary>
/// <param name="File">Where it is.</param>
/// <param name="Version">Its version.</param>
/// <param name="Expires">When it ends.</param>
/// <param name="Roles">Names of the keys of each role, and how many must sign.</param>
internal sealed record RootDocument(string File, long Version, DateTimeOffset Expires, IReadOnlyDictionary<string, RootRoleDocument> Roles)
{
    public static RootDocument Of(string file, RootMetadata root) => new(
        Path.GetFullPath(file),
        root.Version,
        root.Expires,
        Enum.GetValues<SigningRole>().Where(r => root.KeysOf(r) is not null).ToDictionary(
            r => r.ToString().ToLowerInvariant(),
            r => new RootRoleDocument([.. root.KeysOf(r)!.Value.Keys.Select(k => k.Id)], root.KeysOf(r)!.Value.Threshold)));
}
