using System.CommandLine;
using EdgePrune.Agent.Certificates;
using EdgePrune.Cli.Commands.Keys;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Keys;
using EdgePrune.Cli.Output;
using Spectre.Console;

namespace EdgePrune.Cli.Commands;

/// <summary>Makes the keys and certificates of a site, or one more client's certificate.</summary>
internal sealed class KeysCommand : ReportingCommand
{
    private const int MaxDays = 365;

    private readonly Argument<string?> folder = new("folder") { Description = "Where the files go; files that are there are never overwritten.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string[]> hosts = new("--host")
    {
        Description = "A name or address by which the agent is reached; may be repeated.",
        HelpName = "name",
        DefaultValueFactory = _ => ["localhost", "127.0.0.1", "::1"],
    };

    private readonly Option<string?> client = new("--client") { Description = "Issue one more client certificate of this name from the authority in the folder.", HelpName = "name" };
    private readonly Option<string[]> roles = new("--role") { Description = "What that client may do: measure, deploy, infer or device; may be repeated.", HelpName = "role" };
    private readonly Option<string[]> controller = new("--controller") { Description = "Issue a controller's certificate for this name or address from the authority in the folder; may be repeated.", HelpName = "name" };
    private readonly Option<int> days = new("--client-days") { Description = "How long client certificates last.", HelpName = "days", DefaultValueFactory = _ => 7 };

    public KeysCommand()
        : base("keys", "Make signing keys, a root and a small certificate authority for agents.", "edgeprune keys site-keys --host camera-3.local")
    {
        Add(folder);
        Add(hosts);
        Add(client);
        Add(roles);
        Add(controller);
        Add(days);
        Add(new KeysRenewCommand());
        Add(new KeysRevokeCommand());
        Add(new KeysExportCommand());
        Add(new KeysKeyCommand());
        Add(new KeysRootCommand());
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        int life = parsed.GetValue(days);
        if (life is < 1 or > MaxDays)
        {
            throw CommandFailure.Usage($"--client-days is 1 to {MaxDays}");
        }

        string path = Path.GetFullPath(parsed.GetValue(folder) ?? throw CommandFailure.Usage("give the folder in which the keys are made"));
        var keys = new KeyFolder(path, TimeProvider.System);
        IReadOnlyList<AgentRole> asked = [.. (parsed.GetValue(roles) ?? []).Select(Role)];
        string? name = parsed.GetValue(client);
        if (name is null != (asked.Count == 0))
        {
            throw CommandFailure.Usage("--client and --role go together");
        }

        string[] controllers = parsed.GetValue(controller) ?? [];
        if (name is not null && controllers.Length > 0)
        {
            throw CommandFailure.Usage("--client and --controller are two things: ask for one at a time");
        }

        IReadOnlyList<string> files = controllers.Length > 0 ? keys.CreateController(controllers)
            : name is not null ? keys.CreateClient(name, asked, TimeSpan.FromDays(life))
            : keys.CreateAll(parsed.GetValue(hosts)!, TimeSpan.FromDays(life));
        bool all = controllers.Length == 0 && name is null;
        return new Outcome(new KeysDocument(path, files), console => console.Write(new Text(
            $"wrote {string.Join(", ", files)} to {path}\n"
            + (all ? "keep root.key and ca.key away from networks; agents get root.json, ca.pem, server.pem and server.key\n" : ""))));
    }

    // A client that called itself a controller could make agents believe it.
    private static AgentRole Role(string word) =>
        RoleNames.TryParse(word, out AgentRole role) && role != AgentRole.Controller
            ? role
            : throw CommandFailure.Usage($"'{word}' is no role of a client; measure, deploy, infer and device are");
}
