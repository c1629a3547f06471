using System.Globalization;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Api;

/// <summary>The one place where a failure becomes an answer.</summary>
internal static class ErrorMapping
{
    public static async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && Classify(e, context) is { } failure)
        {
            context.Response.StatusCode = failure.Status;
            if (e is BusyException busy)
            {
                context.Response.Headers.RetryAfter = Math.Ceiling(busy.RetryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            }

            await context.Response.WriteAsJsonAsync(new ErrorAnswer(failure.Kind, failure.Message), CancellationToken.None);
        }
    }

    private static (int Status, string Kind, string Message)? Classify(Exception e, HttpContext context) => e switch
    {
        BusyException => (StatusCodes.Status503ServiceUnavailable, "busy", e.Message),
        TimeoutException => (StatusCodes.Status504GatewayTimeout, "timeout", e.Message),
        InputException => (StatusCodes.Status422UnprocessableEntity, "input", e.Message),
        BadHttpRequestException bad => (bad.StatusCode, "input", bad.Message),
        _ when context.RequestAborted.IsCancellationRequested => null,
        System.Text.Json.JsonException => (StatusCodes.Status400BadRequest, "input", $"the request is not the JSON that belongs here: {e.Message}"),
        IOException or UnauthorizedAccessException => (StatusCodes.Status507InsufficientStorage, "io", e.Message),
        _ => null,
    };
}
