using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using EdgePrune.Agent.Service.Jobs;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Api;

/// <summary>Measurements on this device.</summary>
internal static class JobEndpoints
{
    private const int MaxListeners = 16;
    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(15);

    public static void Map(RouteGroupBuilder measure, JobQueue queue, CancellationToken stopping)
    {
        var places = new SemaphoreSlim(MaxListeners, MaxListeners);
        measure.MapPost("/jobs", async (JobRequest request, CancellationToken cancellationToken) =>
            {
                Job job = await queue.AddAsync(request, cancellationToken);
                return Results.Created($"/v1/jobs/{job.Id}", JobAnswer.Of(job));
            })
            .WithSummary("Ask for a measurement: profile, costs or compare.").Produces<JobAnswer>(StatusCodes.Status201Created);
        measure.MapGet("/jobs", () => queue.All().Select(JobAnswer.Of))
            .WithSummary("The measurements, oldest first.").Produces<IEnumerable<JobAnswer>>();
        measure.MapGet("/jobs/{id}", (string id) => queue.Find(id) is { } job ? Results.Ok(JobAnswer.Of(job)) : Missing(id))
            .WithSummary("Where a measurement stands.").Produces<JobAnswer>();
        measure.MapGet("/jobs/{id}/result", (string id) =>
                queue.Find(id) is not { } job ? Missing(id)
                : queue.ResultOf(id) is { } path ? Results.Bytes(File.ReadAllBytes(path), "application/json")
                : Results.Json(new ErrorAnswer("input", $"the measurement has no result: it is {job.State.ToString().ToLowerInvariant()}, {job.Message}"), statusCode: StatusCodes.Status409Conflict))
            .WithSummary("What was measured: the document of the kind.").Produces<string>(contentType: "application/json");
        measure.MapGet("/jobs/{id}/events", (string id, CancellationToken cancellationToken) =>
                queue.Find(id) is null ? Missing(id)
                : places.Wait(0, CancellationToken.None) ? Results.ServerSentEvents(Events(queue, id, places, stopping, cancellationToken))
                : Results.Json(new ErrorAnswer("input", $"{MaxListeners} clients listen already; ask again, or poll the job"), statusCode: StatusCodes.Status429TooManyRequests))
            .WithSummary("The measurement's progress as server-sent events, until it ends.").Produces<JobAnswer>(contentType: "text/event-stream");
        measure.MapDelete("/jobs/{id}", (string id) => queue.Cancel(id) is { } job ? Results.Ok(JobAnswer.Of(job)) : Missing(id))
            .WithSummary("Cancel a measurement.").Produces<JobAnswer>();
    }

    // Each event is where the job stands, so a client that reads slowly, or comes back, misses nothing that counts.
    private static async IAsyncEnumerable<SseItem<JobAnswer>> Events(
        JobQueue queue, string id, SemaphoreSlim places, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
            JobAnswer? last = null;
            while (!end.IsCancellationRequested)
            {
                Task change = queue.ChangedAsync(end.Token);
                if (queue.Find(id) is not { } job)
                {
                    yield break;
                }

                var now = JobAnswer.Of(job);
                bool quiet = now.Equals(last);
                last = now;
                if (!quiet)
                {
                    yield return new SseItem<JobAnswer>(now, "job");
                }

                if (job.HasEnded())
                {
                    yield break;
                }

                // A word now and then tells both sides that the other is still there.
                if (await Task.WhenAny(change, Task.Delay(Alive, end.Token)) != change)
                {
                    last = null;
                }
            }
        }
        finally
        {
            places.Release();
        }
    }

    private static IResult Missing(string id) =>
        Results.Json(new ErrorAnswer("missing", $"there is no job '{Printable.Name(id)}'"), statusCode: StatusCodes.Status404NotFound);
}
