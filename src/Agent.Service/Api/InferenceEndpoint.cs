using System.Diagnostics;
using System.Text.Json;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using Microsoft.AspNetCore.Http.Features;

namespace EdgePrune.Agent.Service.Api;

/// <summary>Runs the current model.</summary>
internal static class InferenceEndpoint
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 6 };

    public static void Map(RouteGroupBuilder infer, ModelHost host, InferenceMetrics metrics, long maxBytes) =>
        infer.MapPost("/infer", async (HttpContext context) =>
            {
                context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = maxBytes;
                using JsonDocument request = await JsonDocument.ParseAsync(context.Request.Body, Strict, context.RequestAborted);
                if (!host.TryEnter(out ServedModel? model))
                {
                    return Results.Json(new ErrorAnswer("missing", "no model is in service; deploy one"), statusCode: StatusCodes.Status503ServiceUnavailable);
                }

                try
                {
                    return Results.Bytes(Run(model, request.RootElement, metrics), "application/json");
                }
                catch (InputException)
                {
                    metrics.AddFailure();
                    throw;
                }
                finally
                {
                    model.Leave();
                }
            })
            .WithSummary("Run the current model on tensors in JSON: {\"inputs\": {name: {\"shape\": […], \"data\": […]}}}.")
            .Accepts<JsonElement>("application/json").Produces<JsonElement>();

    private static byte[] Run(ServedModel model, JsonElement request, InferenceMetrics metrics)
    {
        using NamedValues inputs = TensorJson.ReadInputs(request, model.Session.Inputs);
        long start = Stopwatch.GetTimestamp();
        using NamedValues outputs = model.Session.Run(inputs);
        metrics.Add(Stopwatch.GetElapsedTime(start));
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("model", model.Digest.ToString());
            writer.WritePropertyName("outputs");
            TensorJson.WriteOutputs(writer, outputs);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
