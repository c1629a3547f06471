namespace EdgePrune.Profiler.Sensors;

/// <summary>
/// Shows the measured window to an instrument outside this machine, so that its recording can be cut at the same instants.
/// Disposing ends a window that is still open.
/// </summary>
public interface IMeasurementMarker : IDisposable
{
    /// <summary>The measured window begins.</summary>
    /// <exception cref="InvalidOperationException">A window is open already.</exception>
    void Begin();

    /// <summary>The measured window ends.</summary>
    /// <exception cref="InvalidOperationException">No window is open.</exception>
    void End();
}
