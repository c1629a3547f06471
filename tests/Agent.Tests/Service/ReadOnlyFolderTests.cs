using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.CrashChild;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Faults;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>Disks that take nothing.</summary>
public sealed class ReadOnlyFolderTests
{
    /// <summary>What starts a program with a folder, the first argument, that is mounted read-only.</summary>
    internal static readonly string[] ReadOnly =
        ["unshare", "-rm", "sh", "-c", "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\" && exec \"$@\""];

    [Fact]
    public async Task A_folder_that_is_mounted_read_only_serves_and_refuses_deployments()
    {
        await using ServiceFixture f = await ServiceFixture.StartAsync();
        Assert.SkipUnless(OperatingSystem.IsLinux() && CanMount(f.Data), "needs the right to mount in a namespace of its own");
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        string upload = await ServiceFixture.UploadAsync(client, f.Bundle(2, 3));
        await f.StopAsync();

        using AgentProcess agent = await AgentProcess.StartAsync(f, [.. ReadOnly, f.Data]);
        Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(agent.Client, 1, 1, 1, 1));
        HttpResponseMessage health = await agent.Client.GetAsync("/health", ServiceFixture.Cancel);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Contains("cannot be written", (await health.Content.ReadFromJsonAsync<JsonElement>(ServiceFixture.Cancel)).GetProperty("reasons")[0].GetString(), StringComparison.Ordinal);
        foreach ((string path, object body) in ((string, object)[])[("/v1/deployments", new { upload }), ("/v1/rollback", new { reason = "x" }), ("/v1/uploads", new { size = 1 })])
        {
            HttpResponseMessage refused = await agent.Client.PostAsJsonAsync(path, body, ServiceFixture.Cancel);
            Assert.Contains(refused.StatusCode, new[] { HttpStatusCode.UnprocessableEntity, HttpStatusCode.InsufficientStorage });
            Assert.Contains("ead-only", await refused.Content.ReadAsStringAsync(ServiceFixture.Cancel), StringComparison.Ordinal);
        }

        Assert.Equal(new float[] { 2, 2, 2, 2 }, await ServiceFixture.AnswerAsync(agent.Client, 1, 1, 1, 1));
    }

    [Fact]
    public void A_disk_that_refuses_the_end_of_an_interrupted_deployment_is_read_until_it_takes_it()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        f.Begin("b");
        f.Store.Dispose();
        var faults = new FaultInjector();
        using IDisposable armed = faults.Arm(FaultPoint.JournalWritten, 1, repeat: true, () => throw new IOException("No space left on device"));
        using var access = new StoreAccess(f.Folders.Store, new ModelStoreOptions { FaultPoints = faults }, new FixedPreflight(), () => null!);
        Assert.Contains("No space left", access.Problem, StringComparison.Ordinal);
        Assert.Equal(f.DigestOf("b"), access.Reader.Current);
        Assert.Contains("No space left", Assert.Throws<InputException>(() => access.Open()).Message, StringComparison.Ordinal);
        armed.Dispose();
        Deployer deployer = access.Open().Deployer;
        Assert.Null(access.Problem);
        Assert.Equal(f.DigestOf("a"), access.Reader.Current);
        Assert.NotNull(deployer);
    }

    [Fact]
    public void A_store_that_another_process_holds_is_an_error_not_a_full_disk()
    {
        using var f = new StoreFixture();
        InputException e = Assert.Throws<InputException>(() => new StoreAccess(f.Folders.Store, new ModelStoreOptions(), new FixedPreflight(), () => null!));
        Assert.Contains("in use by another process", e.Message, StringComparison.Ordinal);
    }

    /// <summary>Whether a folder can be mounted read-only here.</summary>
    internal static bool CanMount(string folder)
    {
        try
        {
            using var probe = Process.Start(new ProcessStartInfo("unshare", ["-rm", "sh", "-c", "mount --bind \"$0\" \"$0\" && mount -o remount,ro,bind \"$0\"", folder]) { RedirectStandardError = true })!;
            probe.WaitForExit();
            return probe.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
