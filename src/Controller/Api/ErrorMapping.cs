using System.Text.Json;
using EdgePrune.Onnx;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;

namespace EdgePrune.Controller.Api;

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
            await context.Response.WriteAsJsonAsync(new ErrorAnswer(failure.Kind, failure.Message), CancellationToken.None);
        }
    }

    private static (int Status, string Kind, string Message)? Classify(Exception e, HttpContext context) => e switch
    {
        InputException => (StatusCodes.Status422UnprocessableEntity, "input", e.Message),
        BadHttpRequestException bad => (bad.StatusCode, "input", bad.Message),
        _ when context.RequestAborted.IsCancellationRequested => null,
        JsonException => (StatusCodes.Status400BadRequest, "input", $"the request is not the JSON that belongs here: {e.Message}"),
        SqliteException or IOException or UnauthorizedAccessException => (StatusCodes.Status507InsufficientStorage, "io", e.Message),
        _ => null,
    };
}
