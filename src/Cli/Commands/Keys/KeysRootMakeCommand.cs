using System.CommandLine;
using System.Globalization;
using System.Text;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Trust;
using EdgePrune.Cli.Keys;
using EdgePrune.Cli.Output;

namespace EdgePrune.Cli.Commands.Keys;

/// <summary>Makes the next root, not signed yet.</summary>
internal sealed class KeysRootMakeCommand : ReportingCommand
{
    private const int MaxDays = 3650;
    private const int MinPrefix = 8;

    private readonly Argument<string> root = new("root") { Description = "The root in force." };
    private readonly Option<string> output = new("--output", "-o") { Description = "The next root.", HelpName = "file", Required = true };
    private readonly Option<string[]> add = new("--add") { Description = "A key for a role (root, bundle or timestamp); the file holds the public key. May be repeated.", HelpName = "role=file" };
    private readonly Option<string[]> remove = new("--remove") { Description = "A key that a role loses, by the beginning of its name. May be repeated.", HelpName = "role=key" };
    private readonly Option<string[]> threshold = new("--threshold") { Description = "How many keys of a role must sign. May be repeated.", HelpName = "role=n" };
    private readonly Option<int> days = new("--days") { Description = "How long it lasts.", HelpName = "days", DefaultValueFactory = _ => 365 };

    public KeysRootMakeCommand()
        : base("make", "Make the next root from the one in force; it counts once enough keys have signed it.", "edgeprune keys root make root.json -o root-2.json --add root=root-b.key.pub --threshold root=2")
    {
        Add(root);
        Add(output);
        Add(add);
        Add(remove);
        Add(threshold);
        Add(days);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        int life = parsed.GetValue(days);
        if (life is < 1 or > MaxDays)
        {
            throw CommandFailure.Usage($"--days is 1 to {MaxDays}");
        }

        Envelope before = Envelope.Load(parsed.GetValue(root)!, "the root");
        RootMetadata previous = TrustedRoot.Pin(before).Metadata;
        var roles = new Dictionary<SigningRole, (IReadOnlyList<VerificationKey> Keys, int Threshold)>();
        foreach (SigningRole role in Enum.GetValues<SigningRole>())
        {
            if (previous.KeysOf(role) is { } assigned)
            {
                roles[role] = assigned;
            }
        }

        foreach ((SigningRole role, string prefix) in Pairs(parsed.GetValue(remove)))
        {
            Remove(roles, role, prefix);
        }

        foreach ((SigningRole role, string file) in Pairs(parsed.GetValue(add)))
        {
            (IReadOnlyList<VerificationKey> keys, int needed) = roles.GetValueOrDefault(role, ([], 1));
            roles[role] = ([.. keys, VerificationKey.Load(file)], needed);
        }

        foreach ((SigningRole role, string number) in Pairs(parsed.GetValue(threshold)))
        {
            if (!roles.TryGetValue(role, out (IReadOnlyList<VerificationKey> Keys, int Threshold) assigned) || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int needed))
            {
                throw CommandFailure.Usage($"--threshold {Word(role)}={number}: the role has no keys, or that is no number");
            }

            roles[role] = (assigned.Keys, needed);
        }

        // A role without keys is a role that there is no more.
        foreach (SigningRole role in roles.Where(r => r.Value.Keys.Count == 0).Select(r => r.Key).ToList())
        {
            roles.Remove(role);
        }

        Envelope next = RootUpdate.Make(previous, roles, TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(life));
        string path = Path.GetFullPath(parsed.GetValue(output)!);
        RootUpdate update = RootUpdate.Of(before, next);
        NewFiles.Write([(path, Encoding.UTF8.GetString(next.ToBytes()), false)]);
        return RootReport.Outcome(path, update, $"wrote {path}; bring it to the holders of the keys, who sign it with 'edgeprune keys root sign'\n");
    }

    private static void Remove(Dictionary<SigningRole, (IReadOnlyList<VerificationKey> Keys, int Threshold)> roles, SigningRole role, string prefix)
    {
        (IReadOnlyList<VerificationKey> keys, int needed) = roles.GetValueOrDefault(role, ([], 1));
        VerificationKey[] gone = [.. keys.Where(k => prefix.Length >= MinPrefix && k.Id.StartsWith(prefix, StringComparison.Ordinal))];
        if (gone.Length != 1)
        {
            throw CommandFailure.Usage($"--remove {Word(role)}={prefix}: give at least {MinPrefix} digits of one of {string.Join(", ", keys.Select(k => k.Id[..12]))}");
        }

        roles[role] = ([.. keys.Except(gone)], needed);
    }

    private static IEnumerable<(SigningRole Role, string Value)> Pairs(string[]? texts)
    {
        foreach (string text in texts ?? [])
        {
            string[] parts = text.Split('=', 2);
            SigningRole[] role = [.. Enum.GetValues<SigningRole>().Where(r => Word(r) == parts[0])];
            if (parts.Length != 2 || parts[1].Length == 0 || role.Length == 0)
            {
                throw CommandFailure.Usage($"'{text}' is not role=value with one of the roles root, bundle and timestamp");
            }

            yield return (role[0], parts[1]);
        }
    }

    private static string Word(SigningRole role) => role.ToString().ToLowerInvariant();
}
