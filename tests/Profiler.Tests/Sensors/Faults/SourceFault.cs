namespace EdgePrune.Profiler.Tests.Sensors.Faults;

/// <summary>A fault of a source: what it is called, how it is brought about, and what must be said of it.</summary>
/// <param name="Name">For the test's name.</param>
/// <param name="Inject">Brings it about in the middle of a window, or before, and returns what was said: the window's reason or the error's message.</param>
/// <param name="Expected">What must be in it; null where the window must be valid and the energy right.</param>
internal sealed record SourceFault(string Name, Func<FaultBench, string?> Inject, string? Expected)
{
    public override string ToString() => Name;
}
