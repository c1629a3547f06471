using EdgePrune.Controller.Data;
using EdgePrune.Controller.Links;
using EdgePrune.Onnx;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace EdgePrune.Controller.Api;

/// <summary>What people and their programs ask.</summary>
internal static class OperatorEndpoints
{
    private const int MaxNoteLength = 500;

    public static void Map(RouteGroupBuilder anyone, RouteGroupBuilder deploy, ControllerDatabase database, BundleFolder bundles, DeviceLinks links, Wishes wishes, ControllerSettings settings, TimeProvider time)
    {
        anyone.MapGet("/health", () => Results.Json(new { status = "ok" }));
        anyone.MapGet("/v1/devices", () => database.All().Select(d => new DeviceAnswer(d, links.TryFind(d.Name, out _))));
        anyone.MapGet("/v1/devices/{name}", (string name) => database.Find(name) is { } device
            ? Results.Json(new DeviceAnswer(device, links.TryFind(name, out _)))
            : Results.Json(new ErrorAnswer("missing", $"there is no device '{Printable.Name(name)}'"), statusCode: StatusCodes.Status404NotFound));
        deploy.MapPost("/v1/bundles", async (HttpContext context) =>
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = settings.MaxBundleBytes + 1;
            (string digest, long size) = await bundles.AddAsync(context.Request.Body, context.RequestAborted);
            return Results.Created($"/v1/bundles/{digest}", new BundleAnswer(digest, size));
        });
        deploy.MapPut("/v1/devices/{name}/desired", (string name, WishRequest wish) =>
        {
            if (wish.Note?.Length > MaxNoteLength)
            {
                throw new InputException($"a note has at most {MaxNoteLength} characters");
            }

            if (!bundles.TryFind(wish.Bundle ?? "", out _, out _))
            {
                throw new InputException("there is no such bundle here; put it to /v1/bundles first");
            }

            if (database.Want(name, wish.Bundle!, wish.Note, wish.After, time.GetUtcNow()) is not { } revision)
            {
                return Results.Json(new ErrorAnswer("stale", "somebody else has asked for another bundle meanwhile; look, then ask again"), statusCode: StatusCodes.Status409Conflict);
            }

            wishes.Tell(name);
            return Results.Json(new { revision });
        });
    }
}
