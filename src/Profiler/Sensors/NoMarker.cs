namespace EdgePrune.Profiler.Sensors;

/// <summary>No instrument is attached: nothing is marked. Stateless, so one is enough for all.</summary>
public sealed class NoMarker : IMeasurementMarker
{
    private NoMarker()
    {
    }

    public static NoMarker Instance { get; } = new();

    public void Begin()
    {
    }

    public void End()
    {
    }

    public void Dispose()
    {
    }
}
