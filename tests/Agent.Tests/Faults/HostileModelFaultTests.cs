using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Tests.Service;
using EdgePrune.TestSupport;
using EdgePrune.TestSupport.Hostile;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>
/// Models that somebody with the right key has signed and that are damaged or hostile all the same, on their way through the
/// service, which reads nothing of them itself, to the child process that tries them.
/// </summary>
public sealed class HostileModelFaultTests
{
    private const string ToTheChild = "ONNX Runtime"; // in the words of those that nothing before the runtime can refuse
    private const long MaxBytes = 8 << 20; // the larger ones are tried in Onnx.Tests

    // A child for each would take minutes: most of what reading the file refuses is read in this process.
    private const int ChildEvery = 8;
    private const int PreflightSeconds = 6;
    private const long PreflightBytes = 1L << 30;
    private static readonly bool Nightly = Environment.GetEnvironmentVariable("EDGEPRUNE_NIGHTLY") == "1";

    private static readonly Lazy<Task<(ServiceFixture Fixture, HttpClient Client)>> WithChild = new(() => StartAsync(realPreflight: true));
    private static readonly Lazy<Task<(ServiceFixture Fixture, HttpClient Client)>> WithoutChild = new(() => StartAsync(realPreflight: false));
    private static long version = 1;

    internal static FaultSection Section { get; } = new(
        "Hostile models",
        typeof(HostileModelFaultTests),
        "Signed, uploaded, deployed. The service reads nothing of the file but its digest and its size; what reads and tries it is a "
            + "child process with limits of time and memory. The model that served goes on serving, and nothing is left behind.",
        [.. HostileModels.All.Where(IsForTheAgent).Select((m, i) => new FaultCase($"model: {m.Name}", "refused in words; the old model serves", () => Refuse(m, IsForTheChild(m, i))))]);

    public static TheoryData<string> Cases => Section.Names;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Hostile_model(string fault) => Section.RunAsync(fault);

    // What a bundle can hold: bytes. Not a folder, a pipe or a missing file. Onnx.Tests has all of them; here, where each that
    // gets as far as the child costs a process, a part is enough.
    private static bool IsForTheAgent(HostileModel model, int index) =>
        !model.Name.StartsWith("random bytes", StringComparison.Ordinal)
        && (!model.Name.StartsWith("cut off after", StringComparison.Ordinal) || model.Name is "cut off after 5 %" or "cut off after 95 %")
        && !model.Name.Contains("illion", StringComparison.Ordinal)
        && !model.Name.Contains("100,000", StringComparison.Ordinal)
        && !model.Name.Contains("folder", StringComparison.Ordinal)
        && (model.Words != ToTheChild || index % 4 == 0 || model.Name == "memory taken in steps")
        && model.Name is not ("graphs 20,000 deep" or "cycle of 50,000" or "file missing" or "file below a file" or "file name too long" or "FIFO" or "device without end" or "link to itself" or "empty file" or "packed numbers that grow eightfold");

    private static bool IsForTheChild(HostileModel model, int index) => Nightly || model.Words == ToTheChild || index % ChildEvery == 0;

    private static async Task Refuse(HostileModel model, bool inChild)
    {
        (ServiceFixture f, HttpClient client) = await (inChild ? WithChild : WithoutChild).Value;
        using var temp = new TempFolder();
        string path = model.Write(temp.Path);
        Assert.True(new FileInfo(path).Length <= MaxBytes, "too large for this table");
        HttpResponseMessage response = await ServiceFixture.TryDeployAsync(client, f.Bundle(Interlocked.Increment(ref version), await File.ReadAllBytesAsync(path, Cancel)));
        string text = await response.Content.ReadAsStringAsync(Cancel);
        Directory.GetFiles(Path.Combine(f.Data, "uploads")).ToList().ForEach(File.Delete);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "input"), (response.StatusCode, JsonDocument.Parse(text).RootElement.GetProperty("kind").GetString()));
        Assert.DoesNotContain(JsonDocument.Parse(text).RootElement.GetProperty("message").GetString()!, c => char.IsControl(c) && c != '\n');
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(f.Data, "incoming")));
        Assert.Single(Directory.GetFiles(Path.Combine(f.Data, "store", "objects", "sha256")));
        Assert.Equal(new float[] { 2, 4, 6, 8 }, await ServiceFixture.AnswerAsync(client, 1, 2, 3, 4));
        Assert.Equal("ok", (await client.GetFromJsonAsync<JsonElement>("/health", Cancel)).GetProperty("status").GetString());
    }

    private static async Task<(ServiceFixture, HttpClient)> StartAsync(bool realPreflight)
    {
        ServiceFixture f = await ServiceFixture.StartAsync(settings: [("limits:preflightSeconds", $"{PreflightSeconds}"), ("limits:preflightBytes", $"{PreflightBytes}")]);
        await ServiceFixture.DeployAsync(f.Client(AgentRole.Deploy), f.Bundle(1, 2));
        (string program, string[] arguments) = OwnProgram.With(PreflightRun.Command);
        f.Preflight = new ReadFirstPreflight(new ChildProcessPreflight(program, arguments, TimeSpan.FromSeconds(PreflightSeconds), PreflightBytes));
        await f.RestartAsync(realPreflight);
        return (f, f.Client(AgentRole.Deploy, AgentRole.Infer));
    }
}
