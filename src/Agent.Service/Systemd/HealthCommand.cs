using System.Text.Json;
using EdgePrune.Agent.Service.Api;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Systemd;

/// <summary><c>edgeprune-agent health [SOCKET]</c>: asks the service of this machine how it is.</summary>
internal static class HealthCommand
{
    public const string Command = "health";
    private const string UsualSocket = "/run/edgeprune/agent.sock";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <returns>The process's exit code: 0 where the service can serve what has been deployed.</returns>
    /// <exception cref="InputException">It does not answer.</exception>
    public static async Task<int> RunAsync(string? socket)
    {
        string path = socket ?? LocalStatus.Path() ?? UsualSocket;
        using HttpClient client = LocalStatus.Client(path);
        client.Timeout = Patience;
        try
        {
            (HealthAnswer answer, bool serves) = await LocalStatus.AskAsync(client, CancellationToken.None);
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(answer, JsonSerializerOptions.Web));
            return serves ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or JsonException)
        {
            throw new InputException($"no service answers at {path}: {e.InnerException?.Message ?? e.Message}", e);
        }
    }
}
