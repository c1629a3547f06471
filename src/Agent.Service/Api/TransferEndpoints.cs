using System.Globalization;
using EdgePrune.Agent.Service.Uploads;
using EdgePrune.Onnx;
using Microsoft.AspNetCore.Http.Features;

namespace EdgePrune.Agent.Service.Api;

/// <summary>Bundles, and models that are to be measured, on their way in.</summary>
internal static class TransferEndpoints
{
    private const string OffsetHeader = "Upload-Offset";

    /// <param name="deploy">Where they belong.</param>
    /// <param name="uploads">Where they are kept.</param>
    /// <param name="prefix">The path of <paramref name="deploy"/>.</param>
    /// <param name="what">What is sent.</param>
    public static void Map(RouteGroupBuilder deploy, UploadFolder uploads, string prefix = "/v1", string what = "bundle")
    {
        deploy.MapPost("/uploads", (UploadRequest request) =>
            {
                Upload upload = uploads.Create(request.Size);
                return Results.Created($"{prefix}/uploads/{upload.Id}", upload);
            })
            .WithSummary($"Announce a {what} of a size.").Produces<Upload>(StatusCodes.Status201Created);
        deploy.MapGet("/uploads/{id}", (string id) => uploads.Find(id) is { } upload ? Results.Ok(upload) : Missing(id))
            .WithSummary("How far an upload has come.").Produces<Upload>();
        deploy.MapDelete("/uploads/{id}", (string id) => uploads.Delete(id) ? Results.NoContent() : Missing(id))
            .WithSummary("Give an upload up.").Produces(StatusCodes.Status204NoContent);
        deploy.MapPatch("/uploads/{id}", async (string id, HttpContext context) =>
            {
                if (!long.TryParse(context.Request.Headers[OffsetHeader], NumberStyles.None, CultureInfo.InvariantCulture, out long offset))
                {
                    throw new InputException($"the header {OffsetHeader} is missing or no number; it says at which byte this piece begins");
                }

                Upload? before = uploads.Find(id);
                if (before is null)
                {
                    return Missing(id);
                }

                // One byte more than can be right: then the answer can say so instead of closing the connection.
                context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = before.Size - before.Offset + 1;
                return await uploads.AppendAsync(id, offset, context.Request.Body, context.RequestAborted) is { } upload ? Results.Ok(upload) : Missing(id);
            })
            .WithSummary($"Send a piece, from the byte that the header {OffsetHeader} names.").Produces<Upload>();
    }

    private static IResult Missing(string id) =>
        Results.Json(new ErrorAnswer("missing", $"there is no upload '{Printable.Name(id)}'"), statusCode: StatusCodes.Status404NotFound);
}
