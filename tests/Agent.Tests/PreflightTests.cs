using System.Diagnostics;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Threads;
using EdgePrune.Onnx;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests;

/// <summary>Real child processes (sh) that behave as bad models make a runtime behave.</summary>
public sealed class PreflightTests
{
    private const long Plenty = 1L << 30;
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_child_that_ends_well_passes_and_gets_the_path_last()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp.File("model with spaces.onnx"), "a model");
        PreflightResult result = Run("test \"$(cat \"$1\")\" = 'a model' && sleep 0.1", Long, Plenty, temp.File("model with spaces.onnx"));
        Assert.True(result.Passed, result.Reason);
        Assert.Null(result.Reason);
        Assert.True(result.Elapsed > TimeSpan.Zero);
        Assert.True(result.PeakMemoryBytes > 0);
    }

    [Fact]
    public void A_child_that_fails_is_refused_with_its_own_last_words()
    {
        PreflightResult result = Run("echo 'node Conv_3: \u001b[31mno kernel' >&2; exit 1", Long, Plenty);
        Assert.False(result.Passed);
        Assert.Equal("it ended with exit code 1: node Conv_3:  [31mno kernel", result.Reason);
    }

    [Fact]
    public void A_child_that_crashes_is_refused()
    {
        PreflightResult result = Run("kill -SEGV $$", Long, Plenty);
        Assert.Equal((false, "it ended with exit code 139"), (result.Passed, result.Reason));
    }

    [Fact]
    public void A_child_that_never_ends_is_killed_with_all_that_it_started()
    {
        using var temp = new TempFolder();
        string pid = temp.File("pid");
        PreflightResult result = Run($"sleep 1000 & echo $! > '{pid}'; wait", TimeSpan.FromSeconds(0.5), Plenty);
        Assert.False(result.Passed);
        Assert.Contains("did not end within 0.5 s", result.Reason, StringComparison.Ordinal);
        Assert.True(HasEnded(int.Parse(File.ReadAllText(pid))), "the grandchild still runs");
    }

    [Fact]
    public void A_child_that_eats_memory_is_killed()
    {
        const long limit = 64L << 20;
        PreflightResult result = Run("x=0123456789abcdef; while :; do x=$x$x; done", Long, limit);
        Assert.False(result.Passed);
        Assert.Contains("more memory than allowed", result.Reason, StringComparison.Ordinal);
        Assert.True(result.PeakMemoryBytes > limit);
    }

    [Fact]
    public void A_child_that_talks_without_end_does_not_block_and_keeps_the_end()
    {
        PreflightResult result = Run("yes chatter 2>/dev/null | head -c 3000000; yes noise 2>/dev/null | head -c 3000000 >&2; echo the end >&2; exit 7", Long, Plenty);
        Assert.False(result.Passed);
        Assert.Contains("exit code 7", result.Reason, StringComparison.Ordinal);
        Assert.EndsWith("noise the end", result.Reason, StringComparison.Ordinal);
        Assert.True(result.Reason!.Length < 600);
    }

    [Fact]
    public void Cancelling_kills_the_child()
    {
        using var temp = new TempFolder();
        using var cancelling = new CancellationTokenSource();
        string started = temp.File("started");
        Task<PreflightResult> run = Task.Run(() => Preflight($"echo $$ > '{started}.tmp'; mv '{started}.tmp' '{started}'; exec sleep 1000", Long, Plenty).Run("m", cancelling.Token));
        SpinWait.SpinUntil(() => File.Exists(started) || run.IsCompleted);
        cancelling.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => run.GetAwaiter().GetResult());
        Assert.True(HasEnded(int.Parse(File.ReadAllText(started))));
    }

    /// <summary>The policy is the 41st field of proc_pid_stat(5), 5 for SCHED_IDLE and 0 for the usual one; niceness is the 19th.</summary>
    [Fact]
    public void A_child_waits_for_a_free_processor_but_not_for_ever_where_that_can_be_undone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a policy of Linux");
        using var temp = new TempFolder();
        string seen = temp.File("seen");
        const string look = "cut -d')' -f2 /proc/self/stat | cut -d' ' -f18,40";
        PreflightResult result = Run($"sleep 0.3; {look} > '{seen}'; sleep 3; {look} >> '{seen}'", Long, Plenty);
        Assert.True(result.Passed, result.Reason);
        string first = IdleScheduling.MayLeave(10) ? "10 5" : "10 0";
        Assert.Equal([first, "10 0"], File.ReadAllLines(seen));
    }

    [Fact]
    public void A_program_that_is_not_there_is_reported()
    {
        var preflight = new ChildProcessPreflight("/nowhere/edgeprune", [], Long, Plenty);
        Assert.Contains("/nowhere/edgeprune", Assert.Throws<InputException>(() => preflight.Run("m", TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_reaches_the_journal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs sh");
        using var f = new StoreFixture();
        f.Deploy("a");
        var deployer = new Deployer(f.Store, new CrashChild.PrefixCheck(), Preflight("echo bad kernel >&2; exit 1", Long, Plenty));
        Assert.Throws<InputException>(() => deployer.Deploy(f.Folders.Model("b"), new DeployRequest(), TestContext.Current.CancellationToken));
        Assert.Contains("exit code 1: bad kernel", f.Store.History[^1].Reason, StringComparison.Ordinal);
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("a"));
    }

    private static PreflightResult Run(string script, TimeSpan time, long memory, string path = "model.onnx")
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs sh");
        return Preflight(script, time, memory).Run(path, TestContext.Current.CancellationToken);
    }

    private static ChildProcessPreflight Preflight(string script, TimeSpan time, long memory) =>
        new("sh", ["-c", script, "sh"], time, memory);

    private static bool HasEnded(int pid)
    {
        // A killed orphan stays a zombie until its new parent looks, which may be never in a container.
        string stat = $"/proc/{pid}/stat";
        for (int i = 0; i < 500; i++)
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                if (File.Exists(stat) && File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal))
                {
                    return true;
                }
            }
            catch (Exception e) when (e is ArgumentException or IOException)
            {
                return true;
            }

            Thread.Sleep(10);
        }

        return false;
    }
}
