using EdgePrune.Agent.Service.Api;
using EdgePrune.Onnx;
using Microsoft.Extensions.Hosting.Systemd;

namespace EdgePrune.Agent.Service.Systemd;

/// <summary>
/// Tells systemd how the service is, and that it lives: only after the real server has answered a real request, through
/// its own pipeline, its thread pool and its store, is the watchdog fed. A service that hangs is restarted; one that
/// answers that something is wrong with it is not, because a restart would not mend a missing model.
/// </summary>
internal sealed class Watchdog(
    ISystemdNotifier notifier, HttpClient status, TimeSpan? limit, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Watchdog> logger) : BackgroundService
{
    // One answer may be late without harm, two may not.
    private const int ProbesPerLimit = 3;
    private const int PatienceInIntervals = 2;
    private const int MaxStatusLength = 200;
    private static readonly TimeSpan Unwatched = TimeSpan.FromSeconds(60);

    private string told = "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await WaitAsync(lifetime.ApplicationStarted, stoppingToken).ConfigureAwait(false);
        TimeSpan interval = (limit / ProbesPerLimit) ?? Unwatched;
        using var timer = new PeriodicTimer(interval, time);
        do
        {
            await ProbeAsync(interval * PatienceInIntervals, stoppingToken).ConfigureAwait(false);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private static async Task WaitAsync(CancellationToken happened, CancellationToken stoppingToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(happened, stoppingToken);
        await Task.Delay(Timeout.Infinite, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stoppingToken.ThrowIfCancellationRequested();
    }

    private async Task ProbeAsync(TimeSpan patience, CancellationToken stoppingToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        end.CancelAfter(patience);
        try
        {
            (HealthAnswer answer, _) = await LocalStatus.AskAsync(status, end.Token).ConfigureAwait(false);
            Tell(Words(answer));
            if (limit is not null)
            {
                notifier.Notify(new ServiceState("WATCHDOG=1"));
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or System.Text.Json.JsonException && !stoppingToken.IsCancellationRequested)
        {
            logger.NoAnswer(e.Message);
            Tell("does not answer its own requests");
        }
    }

    private void Tell(string text)
    {
        if (text != told)
        {
            notifier.Notify(new ServiceState("STATUS=" + text));
            told = text;
        }
    }

    private static string Words(HealthAnswer answer)
    {
        string serves = answer.Model is { } model ? $"serving {model}" : "no model in service";
        string all = answer.Reasons.Count == 0 ? serves : $"{answer.Status}, {serves}: {string.Join("; ", answer.Reasons)}";
        string line = Printable.Name(all).ReplaceLineEndings(" ");
        return line.Length > MaxStatusLength ? line[..MaxStatusLength] : line;
    }
}
