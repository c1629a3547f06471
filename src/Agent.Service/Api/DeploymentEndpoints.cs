using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Service.Uploads;
using EdgePrune.Agent.Signing;
using EdgePrune.Agent.Store;
using EdgePrune.Agent.Trust;
using EdgePrune.Onnx;
using Microsoft.AspNetCore.Http.Features;

namespace EdgePrune.Agent.Service.Api;

/// <summary>Deployments, their history, and what is trusted.</summary>
internal static class DeploymentEndpoints
{
    private const int MaxListed = 100;
    private const int MaxTextLength = 500;

    public static void Map(RouteGroupBuilder deploy, DeploymentManager manager, UploadFolder uploads, TrustStore trust)
    {
        deploy.MapPost("/deployments", async (DeploymentRequest request, CancellationToken cancellationToken) =>
            {
                ThrowIfLong(request.Note);
                string id;
                FileStream bundle = uploads.OpenWhole(request.Upload);
                await using (bundle)
                {
                    id = await manager.DeployAsync(bundle, new DeployOrder(request.Note, request.Wait, request.AllowBad), cancellationToken);
                }

                uploads.Delete(request.Upload);
                return Results.Created($"/v1/deployments/{id}", Find(manager, id) ?? Unwritten(id, manager));
            })
            .WithSummary("Verify an upload and bring its model into service on probation.").Produces<DeploymentAnswer>(StatusCodes.Status201Created);
        deploy.MapGet("/deployments", () => All(manager).TakeLast(MaxListed))
            .WithSummary("The deployments so far, oldest first, at most the last 100.").Produces<IEnumerable<DeploymentAnswer>>();
        deploy.MapGet("/deployments/{id}", (string id) => Of(manager, id))
            .WithSummary("One deployment with its states.").Produces<DeploymentAnswer>();
        deploy.MapGet("/deployments/{id}/events", (string id, CancellationToken cancellationToken) =>
                Find(manager, id) is { } deployment
                    ? TypedResults.ServerSentEvents(DeploymentEvents.Of(deployment, () => Find(manager, id), manager.Changes, cancellationToken))
                    : Of(manager, id))
            .WithSummary("Server-sent events: 'deployment' with each change of its state, 'probation' with its progress; ends when it is decided.").Produces<DeploymentAnswer>(contentType: "text/event-stream");
        deploy.MapPost("/deployments/{id}/commit", async (string id, CancellationToken cancellationToken) =>
            {
                await manager.CommitAsync(id, cancellationToken);
                return Of(manager, id);
            })
            .WithSummary("Keep the model that is on probation.").Produces<DeploymentAnswer>();
        deploy.MapPost("/deployments/{id}/rollback", async (string id, RollbackRequest request, CancellationToken cancellationToken) =>
            {
                await manager.RollBackAsync(id, Reason(request), cancellationToken);
                return Of(manager, id);
            })
            .WithSummary("Put the model before the one on probation back.").Produces<DeploymentAnswer>();
        deploy.MapPost("/rollback", async (RollbackRequest request, CancellationToken cancellationToken) =>
            {
                await manager.RollBackToPreviousAsync(Reason(request), cancellationToken);
                return new ModelAnswer(manager.Reader.Current?.ToString(), manager.Reader.Previous?.ToString());
            })
            .WithSummary("Put the previous model back in place of a committed one.").Produces<ModelAnswer>();
        deploy.MapPut("/trust/root", async (HttpContext context) =>
            {
                trust.UpdateRoot(await ReadEnvelopeAsync(context, "the new root"));
                return Results.NoContent();
            })
            .WithSummary("Put the next signed root in force.").Produces(StatusCodes.Status204NoContent);
        deploy.MapPut("/trust/timestamp", async (HttpContext context) =>
            {
                trust.UpdateTimestamp(await ReadEnvelopeAsync(context, "the timestamp"));
                return Results.NoContent();
            })
            .WithSummary("Say, signed, which bundle is the newest.").Produces(StatusCodes.Status204NoContent);
    }

    private static IEnumerable<DeploymentAnswer> All(DeploymentManager manager) =>
        manager.Journal.Read().GroupBy(e => e.Deployment).Select(lines => Answer(lines, manager.Progress(lines.Key)));

    private static DeploymentAnswer? Find(DeploymentManager manager, string id) => All(manager).FirstOrDefault(d => d.Id == id);

    // The model served already, and the journal that told how it came here has been moved away.
    private static DeploymentAnswer Unwritten(string id, DeploymentManager manager) =>
        new(id, DeploymentState.Committed, manager.Reader.Current?.ToString() ?? "", Replaces: null, "served already", [], Probation: null, Verdict: null);

    private static IResult Of(DeploymentManager manager, string id) =>
        Find(manager, id) is { } deployment
            ? Results.Ok(deployment)
            : Results.Json(new ErrorAnswer("missing", $"there is no deployment '{Printable.Name(id)}'"), statusCode: StatusCodes.Status404NotFound);

    private static DeploymentAnswer Answer(IGrouping<string, JournalEntry> lines, ProbationProgress? progress)
    {
        JournalEntry last = lines.Last();
        JournalEntry first = lines.First();
        return new DeploymentAnswer(
            last.Deployment,
            last.State,
            last.Digest.ToString(),
            first.Replaces?.ToString(),
            last.Note,
            [.. lines.Select(l => new DeploymentStep(l.State, l.Time, l.Reason))],
            last.State == DeploymentState.Probation ? progress : null,
            lines.LastOrDefault(l => l.Verdict is not null)?.Verdict);
    }

    private static async Task<Envelope> ReadEnvelopeAsync(HttpContext context, string what)
    {
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = Envelope.MaxBytes;
        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
        return Envelope.Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), what);
    }

    private static string Reason(RollbackRequest request)
    {
        ThrowIfLong(request.Reason);
        return string.IsNullOrWhiteSpace(request.Reason) ? "asked for over the network" : request.Reason;
    }

    // Notes end up in a journal that is kept for years.
    private static void ThrowIfLong(string? text)
    {
        if (text?.Length > MaxTextLength)
        {
            throw new InputException($"a note or reason has at most {MaxTextLength} characters");
        }
    }
}
