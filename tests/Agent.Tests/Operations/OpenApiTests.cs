using System.Net.Http.Json;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgePrune.Agent.Service;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.TestSupport;
using Microsoft.AspNetCore.Builder;

namespace EdgePrune.Agent.Tests.Operations;

/// <summary>The description of the API that lies in the program says what the endpoints are.</summary>
public sealed class OpenApiTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task The_description_in_the_program_is_the_one_that_the_endpoints_give()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        using var temp = new TempFolder();
        await using WebApplication app = AgentHost.Build(AgentSettings.Load(AgentFolder.Configure(temp.Path)), describe: true);
        app.MapOpenApi("/made/{documentName}.json");
        await app.StartAsync(cancel);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        JsonObject made = (await client.GetFromJsonAsync<JsonObject>("/made/v1.json", cancel))!;
        made.Remove("servers"); // where this one happens to listen
        string text = made.ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";

        string path = Path.Combine(Repository.Root, "src", "Agent.Service", "Api", "openapi.json");
        if (Environment.GetEnvironmentVariable("EDGEPRUNE_UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(path, text, cancel);
        }

        Assert.True(await File.ReadAllTextAsync(path, cancel) == text, $"{path} is stale: run this test with EDGEPRUNE_UPDATE_GOLDEN=1");
        Assert.NotEmpty((await client.GetFromJsonAsync<JsonObject>("/openapi/v1.json", cancel))!["paths"]!.AsObject());
    }
}
