using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests.Operations;

/// <summary>
/// The installer below a folder of its own, with real agents. In place of systemd a script runs the unit's program: it
/// knows the few commands that the installer gives.
/// </summary>
public sealed class InstallerTests : IDisposable
{
    private const string Systemctl = """
        #!/bin/sh
        # One service: `restart` starts the program of the release that is current.
        echo "$*" >> "$ROOT/systemctl.log"
        stop() { [ ! -f "$ROOT/pid" ] || { kill "$(cat "$ROOT/pid")" 2>/dev/null; rm "$ROOT/pid"; sleep 0.3; }; }
        case $1 in
          restart)
            stop
            mkdir -p "$ROOT/run/edgeprune"
            RUNTIME_DIRECTORY=$ROOT/run/edgeprune "$ROOT/opt/edgeprune/current/edgeprune-agent" --config "$ROOT/etc/edgeprune/agent.json" >> "$ROOT/agent.log" 2>&1 &
            echo $! > "$ROOT/pid" ;;
          is-active) [ -f "$ROOT/pid" ] && kill -0 "$(cat "$ROOT/pid")" 2>/dev/null ;;
          stop | disable) stop ;;
        esac
        """;

    private readonly TempFolder temp = new();

    private string Root => temp.File("root");

    private string Current => new FileInfo(Path.Combine(Root, "opt", "edgeprune", "current")).LinkTarget ?? "";

    [Fact]
    public async Task Installs_upgrades_goes_back_from_a_service_that_does_not_come_up_and_leaves_the_data_when_it_goes()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the installer is Linux's");
        AgentFolder.Configure(Path.Combine(Root, "etc", "edgeprune"), ("data", "../../var/lib/edgeprune"));
        string settings = await File.ReadAllTextAsync(Path.Combine(Root, "etc", "edgeprune", "agent.json"), Cancel);
        string first = await PublishedAsync("first");
        await RunAsync(first, 0, "is installed and healthy", "--start");
        string release = Current;
        Assert.StartsWith("releases/", release, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Root, "etc", "systemd", "system", "edgeprune-agent.service")));
        Assert.Contains("SupplementaryGroups=", await File.ReadAllTextAsync(Path.Combine(Root, "etc", "systemd", "system", "edgeprune-agent.service.d", "10-groups.conf"), Cancel), StringComparison.Ordinal);
        string trust = Path.Combine(Root, "var", "lib", "edgeprune", "trust", "root.json");
        DateTime since = File.GetLastWriteTimeUtc(trust);

        // A release whose program ends at once: the one before serves again.
        string broken = await PublishedAsync("broken");
        File.Delete(Path.Combine(broken, "edgeprune-agent"));
        await File.WriteAllTextAsync(Path.Combine(broken, "edgeprune-agent"), "#!/bin/sh\n[ \"$1\" = check ]\n", Cancel);
        await RunAsync(broken, 1, "the one before serves again", "--start", "--wait", "5");
        Assert.Equal(release, Current);
        Assert.True(File.Exists(Path.Combine(Root, "pid")));

        // One that does not take the configuration is not even started.
        await File.WriteAllTextAsync(Path.Combine(broken, "edgeprune-agent"), "#!/bin/sh\nexit 1\n", Cancel);
        int restarts = await RestartsAsync();
        await RunAsync(broken, 1, "nothing has changed", "--start");
        Assert.Equal((release, restarts), (Current, await RestartsAsync()));

        string second = await PublishedAsync("second");
        await File.WriteAllTextAsync(Path.Combine(second, "NOTES"), "a newer one\n", Cancel);
        await RunAsync(second, 0, "is installed and healthy", "--start");
        Assert.NotEqual(release, Current);
        Assert.Equal(release, new FileInfo(Path.Combine(Root, "opt", "edgeprune", "previous")).LinkTarget);
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(Root, "opt", "edgeprune", "releases")).Length);
        Assert.Equal(settings, await File.ReadAllTextAsync(Path.Combine(Root, "etc", "edgeprune", "agent.json"), Cancel));
        Assert.Equal(since, File.GetLastWriteTimeUtc(trust));

        await RunAsync(second, 0, "configuration and keys stay", "uninstall", "--start");
        Assert.False(File.Exists(Path.Combine(Root, "pid")));
        Assert.False(Directory.Exists(Path.Combine(Root, "opt", "edgeprune")));
        Assert.True(File.Exists(trust));
        await RunAsync(second, 0, "with configuration, keys and models", "uninstall", "--purge");
        Assert.False(File.Exists(trust));
    }

    [Fact]
    public async Task Into_an_image_it_starts_nothing_and_leaves_the_user_to_the_system_that_boots()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the installer is Linux's");
        Directory.CreateDirectory(Root);
        string folder = await PublishedAsync("published");
        await RunAsync(folder, 0, "it starts with the system");
        await RunAsync(folder, 0, "it starts with the system"); // twice is as good as once
        Assert.False(File.Exists(Path.Combine(Root, "systemctl.log")));
        Assert.Contains("u edgeprune", await File.ReadAllTextAsync(Path.Combine(Root, "usr", "lib", "sysusers.d", "edgeprune.conf"), Cancel), StringComparison.Ordinal);
        Assert.Contains("\"deviceClass\": \"\"", await File.ReadAllTextAsync(Path.Combine(Root, "etc", "edgeprune", "agent.json"), Cancel), StringComparison.Ordinal);
        Assert.Single(Directory.GetDirectories(Path.Combine(Root, "opt", "edgeprune", "releases")));
        // The configuration as it comes needs a root and a device class; it is said, and nothing is started.
        await RunAsync(folder, 0, "not started: mend", "--start");
        Assert.Equal(0, await RestartsAsync());
    }

    [Theory]
    [InlineData("--root")]
    [InlineData("--wait", "soon")]
    [InlineData("--root", "/no/such/folder")]
    [InlineData("--frobnicate")]
    public async Task A_command_line_that_makes_no_sense_changes_nothing(params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the installer is Linux's");
        using Process process = Process.Start(new ProcessStartInfo("sh", [Path.Combine(AgentFolder.Packaging, "install.sh"), .. arguments]) { RedirectStandardError = true })!;
        string errors = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        Assert.NotEqual(0, process.ExitCode);
        Assert.NotEqual("", errors);
    }

    public void Dispose()
    {
        if (File.Exists(Path.Combine(Root, "pid")))
        {
            using var agent = Process.GetProcessById(int.Parse(File.ReadAllText(Path.Combine(Root, "pid")), System.Globalization.CultureInfo.InvariantCulture));
            agent.Kill();
        }

        temp.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<int> RestartsAsync()
    {
        string log = Path.Combine(Root, "systemctl.log");
        return File.Exists(log) ? (await File.ReadAllLinesAsync(log, Cancel)).Count(l => l.StartsWith("restart", StringComparison.Ordinal)) : 0;
    }

    // What `dotnet publish` gives but for the folder of natives, of which only this machine's are taken along, as publishing does;
    // links instead of copies, for the test's sake.
    private async Task<string> PublishedAsync(string name)
    {
        string folder = temp.File(name);
        using (Process copy = Process.Start("cp", ["-rl", AgentFolder.Program, folder]))
        {
            await copy.WaitForExitAsync(Cancel);
            Assert.Equal(0, copy.ExitCode);
        }

        if (!Directory.Exists(Path.Combine(folder, "runtimes")))
        {
            return folder; // published: this machine's natives, and the installer, lie in it
        }

        string own = $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        string[] foreign = [.. Directory.GetDirectories(Path.Combine(folder, "runtimes")).Where(d => Path.GetFileName(d) is var rid && rid != own && rid.Contains('-', StringComparison.Ordinal))];
        Array.ForEach(foreign, d => Directory.Delete(d, recursive: true));

        foreach (string file in (string[])["install.sh", "edgeprune-agent.service", "agent.json"])
        {
            File.Copy(Path.Combine(AgentFolder.Packaging, file), Path.Combine(folder, file), overwrite: true);
        }

        return folder;
    }

    private async Task RunAsync(string folder, int code, string says, params string[] arguments)
    {
        Directory.CreateDirectory(temp.File("bin"));
        string systemctl = temp.File("bin/systemctl");
        await File.WriteAllTextAsync(systemctl, Systemctl, Cancel);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(systemctl, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        }

        var start = new ProcessStartInfo("sh", [Path.Combine(folder, "install.sh"), "--root", Root, "--wait", "8", "--settle", "1", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["ROOT"] = Root, ["PATH"] = temp.File("bin") + ":" + Environment.GetEnvironmentVariable("PATH") },
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(Cancel);
        string output = await process.StandardOutput.ReadToEndAsync(Cancel) + await errors;
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == code, output);
        Assert.Contains(says, output, StringComparison.Ordinal);
    }
}
