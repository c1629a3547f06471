using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using EdgePrune.Agent.Service.Power;

namespace EdgePrune.Agent.Service.Api;

/// <summary>The board's power as it is.</summary>
internal static class PowerEndpoints
{
    private const int MaxListeners = 8;

    public static void Map(RouteGroupBuilder measure, PowerMonitor monitor, CancellationToken stopping)
    {
        var places = new SemaphoreSlim(MaxListeners, MaxListeners);
        measure.MapGet("/power", (CancellationToken cancellationToken) =>
                places.Wait(0, CancellationToken.None)
                    ? Results.ServerSentEvents(Readings(monitor, places, stopping, cancellationToken))
                    : Results.Json(new ErrorAnswer("input", $"{MaxListeners} clients listen already; close one"), statusCode: StatusCodes.Status429TooManyRequests))
            .WithSummary("The board's power once a second, as server-sent events; sampling runs only while somebody listens.")
            .Produces<PowerReading>(contentType: "text/event-stream");
    }

    private static async IAsyncEnumerable<SseItem<PowerReading>> Readings(
        PowerMonitor monitor, SemaphoreSlim places, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            using IDisposable listening = monitor.Listen();
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
            while (!end.IsCancellationRequested)
            {
                PowerReading reading;
                try
                {
                    reading = await monitor.NextAsync(end.Token);
                }
                catch (OperationCanceledException)
                {
                    yield break;
                }

                yield return new SseItem<PowerReading>(reading, "power");
            }
        }
        finally
        {
            places.Release();
        }
    }
}
