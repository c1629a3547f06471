using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Tests.Service;
using EdgePrune.TestSupport;
using EdgePrune.TestSupport.Hostile;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>
/// Models that somebody with the right key has signed and that are damaged or hostile all the same, on their way through the
/// service: the check of the file in the service itself, the trial in a child process.
/// </summary>
public sealed class HostileModelFaultTests
{
    private const string ToTheChild = "ONNX Runtime"; // in the words of those that nothing before the runtime can refuse
    private const long MaxBytes = 8 << 20; // the larger ones are tried in Onnx.Tests

    private static readonly Lazy<Task<(ServiceFixture Fixture, HttpClient Client)>> Agent = new(StartAsync);
    private static long version = 1;

    internal static FaultSection Section { get; } = new(
        "Hostile models",
        typeof(HostileModelFaultTests),
        "Signed, uploaded, deployed. The file is read by the service, what passes is tried in a child process with limits of time and "
            + "memory. The model that served goes on serving, and nothing is left behind.",
        [.. HostileModels.All.Where(IsForTheAgent).Select(m => new FaultCase($"model: {m.Name}", "refused in words; the old model serves", () => Refuse(m)))]);

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

    private static async Task Refuse(HostileModel model)
    {
        (ServiceFixture f, HttpClient client) = await Agent.Value;
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

    private static async Task<(ServiceFixture, HttpClient)> StartAsync()
    {
        ServiceFixture f = await ServiceFixture.StartAsync(realPreflight: true, ("limits:preflightSeconds", "6"), ("limits:preflightBytes", $"{1L << 30}"));
        HttpClient client = f.Client(AgentRole.Deploy, AgentRole.Infer);
        await ServiceFixture.DeployAsync(client, f.Bundle(1, 2));
        return (f, client);
    }
}
