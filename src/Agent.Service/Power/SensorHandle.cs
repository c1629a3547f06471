using System.Diagnostics.CodeAnalysis;
using EdgePrune.Profiler.Sensors;

namespace EdgePrune.Agent.Service.Power;

/// <summary>
/// A sensor that is opened when it is needed and given up when it fails; then it is tried again after a while. Not thread-safe, as
/// the sensor itself.
/// </summary>
/// <param name="open">Opens it.</param>
/// <param name="time">The clock.</param>
internal sealed class SensorHandle(Func<IPowerSource?> open, TimeProvider time)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);
    private long? failed;

    /// <summary>The sensor while it is open.</summary>
    public IPowerSource? Source { get; private set; }

    /// <summary>Why there are no readings, or null.</summary>
    public string? Problem { get; private set; }

    [MemberNotNullWhen(true, nameof(Source))]
    public bool TryOpen()
    {
        if (Source is null && (failed is not { } since || time.GetElapsedTime(since) >= RetryAfter))
        {
            try
            {
                Source = open();
                Problem = Source is null ? "the device has no sensor" : null;
                failed = null;
            }
            catch (SensorException e)
            {
                Fail(e);
            }
        }

        return Source is not null;
    }

    /// <summary>Opens a window.</summary>
    public bool TryBegin()
    {
        try
        {
            Source?.Start();
        }
        catch (SensorException e)
        {
            Fail(e);
        }

        return Source is not null;
    }

    /// <summary>Closes the window; false where it must be thrown away.</summary>
    public bool TryEnd([NotNullWhen(true)] out PowerWindow? window)
    {
        window = null;
        try
        {
            window = Source?.Stop();
            Problem = window?.Invalid ?? (window is { Duration.Value: > 0 } ? null : "the window has no length");
        }
        catch (SensorException e)
        {
            Fail(e);
        }

        return window is not null && Problem is null;
    }

    /// <summary>Readings of the open window so far, in watts by rail; null where not every rail has one.</summary>
    public double[]? Take()
    {
        if (Source is null)
        {
            return null;
        }

        var fresh = new List<PowerSample>();
        try
        {
            while (Source.TryTake(out PowerSample sample))
            {
                if (sample.IsFresh)
                {
                    fresh.Add(sample);
                }
            }
        }
        catch (SensorException)
        {
            return null; // the window's end tells
        }

        double?[] means = [.. Source.Rails.Select((_, rail) => fresh.Where(s => s.Rail == rail).Select(s => (double?)s.Power.Value).Average())];
        return means.All(m => m is not null) ? [.. means.Select(m => m!.Value)] : null;
    }

    public void Close()
    {
        IPowerSource? gone = Source;
        Source = null;
        gone?.Dispose();
    }

    private void Fail(SensorException e)
    {
        Problem = e.Message;
        failed = time.GetTimestamp();
        Close();
    }
}
