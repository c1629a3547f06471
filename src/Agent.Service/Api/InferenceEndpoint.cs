using System.Buffers;
using System.Globalization;
using System.Text.Json;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Tensors;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using Microsoft.AspNetCore.Http.Features;

namespace EdgePrune.Agent.Service.Api;

/// <summary>Runs the current model. Nothing of requests or answers is written anywhere.</summary>
internal static class InferenceEndpoint
{
    /// <summary>The header of an .npz answer that tells which model gave it; JSON answers hold that themselves.</summary>
    public const string ModelHeader = "EdgePrune-Model";

    private const string Json = "application/json";

    public static void Map(RouteGroupBuilder anyone, RouteGroupBuilder infer, ModelHost host, InferenceRunner runner, InferenceMetrics metrics, InferenceGate gate, InferenceSettings settings)
    {
        infer.MapPost("/infer", async (HttpContext context, CancellationToken aborted) =>
            {
                context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = settings.MaxBytes;
                long arrived = TimeProvider.System.GetTimestamp();
                using PooledBuffer body = new((int)Math.Clamp(context.Request.ContentLength ?? 0, 0, settings.MaxBytes), gate);
                await body.FillAsync(context.Request.Body, aborted);
                await AnswerAsync(context, body, host, runner, metrics, gate, Limit(context.Request, settings.Deadline) - TimeProvider.System.GetElapsedTime(arrived), settings.MaxBytes);
            })
            .WithSummary("Run the current model on tensors: JSON {\"inputs\": {name: {\"shape\": […], \"data\": […]}}}, or an .npz of arrays by the inputs' names. The answer is .npz where Accept asks for it. 'Prefer: wait=SECONDS' shortens the deadline.")
            .Accepts<JsonElement>(Json, Npz.MediaType).Produces<JsonElement>(StatusCodes.Status200OK, Json, Npz.MediaType)
            .Produces<ErrorAnswer>(StatusCodes.Status503ServiceUnavailable).Produces<ErrorAnswer>(StatusCodes.Status504GatewayTimeout);
        anyone.MapGet("/v1/inference/stats", () => new InferenceStatsAnswer(
                Stats(host.Current), Stats(host.Previous), gate.Running, gate.Waiting, gate.Concurrency))
            .WithSummary("What the current model and the one before have done since they were loaded.").Produces<InferenceStatsAnswer>();
    }

    private static async Task AnswerAsync(HttpContext context, PooledBuffer body, ModelHost host, InferenceRunner runner, InferenceMetrics metrics, InferenceGate gate, TimeSpan limit, long maxBytes)
    {
        using var answer = new PooledBuffer();
        NamedValues? inputs = null;
        Trial? trial = null;
        try
        {
            InferenceSlot slot = await gate.EnterAsync(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, context.RequestAborted);
            try
            {
                if (!host.TryEnter(out ModelLease? lease))
                {
                    context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                    await context.Response.WriteAsJsonAsync(new ErrorAnswer("missing", "no model is in service; deploy one"), CancellationToken.None);
                    return;
                }

                using (lease)
                {
                    trial = lease.Trial;
                    IReadOnlyList<ModelInput> declared = lease.Model.Session.Inputs;
                    inputs = IsNpz(context.Request.ContentType)
                        ? Checked(Npz.Read(body.ToReader(), maxBytes, "the request"), declared)
                        : TensorJsonReader.Read(body.Written.Span, declared);
                    using NamedValues outputs = runner.Run(lease, inputs, slot, limit, out ServedModel answered);
                    Write(context, answer, outputs, answered);
                }
            }
            finally
            {
                gate.Leave(slot); // a client that reads slowly holds no slot
            }

            context.Response.ContentLength = answer.Length;
            await context.Response.Body.WriteAsync(answer.Written, CancellationToken.None);
            await context.Response.CompleteAsync();
            if (trial?.TryShadow(inputs) == true)
            {
                inputs = null;
            }
        }
        catch (Exception e) when (e is InputException or TimeoutException)
        {
            metrics.AddFailure(); // requests that cannot be read count as those that cannot be run
            throw;
        }
        finally
        {
            inputs?.Dispose();
        }
    }

    private static void Write(HttpContext context, PooledBuffer answer, NamedValues outputs, ServedModel model)
    {
        if (AcceptsNpz(context.Request.Headers.Accept))
        {
            Npz.Write(answer, outputs);
            context.Response.ContentType = Npz.MediaType;
            context.Response.Headers[ModelHeader] = model.Digest.ToString();
            return;
        }

        TensorJsonWriter.Check(outputs);
        context.Response.ContentType = Json;
        using var writer = new Utf8JsonWriter((IBufferWriter<byte>)answer);
        writer.WriteStartObject();
        writer.WriteString("model", model.Digest.ToString());
        writer.WritePropertyName("outputs");
        TensorJsonWriter.Write(writer, outputs);
        writer.WriteEndObject();
        writer.Flush();
    }

    // What JSON requests are checked for while they are read.
    private static NamedValues Checked(NamedValues given, IReadOnlyList<ModelInput> declared)
    {
        string? problem = given.Keys.FirstOrDefault(k => declared.All(d => d.Name != k)) is { } stranger
            ? $"the model has no input '{Printable.Name(stranger)}'; it has {string.Join(", ", declared)}"
            : declared.Select(d => Problem(given, d)).FirstOrDefault(p => p is not null);
        if (problem is null)
        {
            return given;
        }

        given.Dispose();
        throw new InputException(problem);
    }

    private static string? Problem(NamedValues given, ModelInput input)
    {
        if (!given.ContainsKey(input.Name))
        {
            return $"the input {input} is missing";
        }

        Microsoft.ML.OnnxRuntime.OrtTensorTypeAndShapeInfo info = given.TypeAndShape(input.Name);
        if (info.ElementDataType != input.Type)
        {
            return $"the input {input} came as {info.ElementDataType}";
        }

        if (info.Shape.Length != input.Shape.Length)
        {
            return $"the input {input} has {input.Shape.Length} dimensions, not {info.Shape.Length}";
        }

        int wrong = Enumerable.Range(0, info.Shape.Length).FirstOrDefault(axis => !BatchRun.Takes(input, axis, info.Shape[axis]), -1);
        return wrong < 0 ? null : $"dimension {wrong} of the input {input} does not fit: {info.Shape[wrong]}";
    }

    private static bool IsNpz(string? contentType) =>
        contentType is not null && contentType.StartsWith(Npz.MediaType, StringComparison.OrdinalIgnoreCase);

    private static bool AcceptsNpz(Microsoft.Extensions.Primitives.StringValues accept)
    {
        foreach (string? value in accept)
        {
            if (value?.Contains(Npz.MediaType, StringComparison.OrdinalIgnoreCase) == true)
            {
                return true;
            }
        }

        return false;
    }

    // RFC 7240, section 4.3: the client says how long it is willing to wait.
    private static TimeSpan Limit(HttpRequest request, TimeSpan most)
    {
        const string wait = "wait=";
        foreach (string? value in request.Headers["Prefer"])
        {
            foreach (string preference in value?.Split(',', StringSplitOptions.TrimEntries) ?? [])
            {
                if (preference.StartsWith(wait, StringComparison.OrdinalIgnoreCase)
                    && int.TryParse(preference.AsSpan(wait.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int seconds)
                    && seconds < most.TotalSeconds)
                {
                    return TimeSpan.FromSeconds(seconds);
                }
            }
        }

        return most;
    }

    private static ModelStatsAnswer? Stats(ServedStats? model)
    {
        if (model is null)
        {
            return null;
        }

        ModelStats stats = model.Stats;
        return new ModelStatsAnswer(
            model.Digest.ToString(),
            stats.Requests,
            stats.Failures,
            stats.Latency() is { } l ? new LatencyAnswer(l.P50.Value, l.P90.Value, l.P99.Value, l.Count) : null,
            stats.Energy is { } e ? new EnergyAnswer(e.Median.Value, e.Provenance.Word) : null,
            stats.Canaries);
    }
}
