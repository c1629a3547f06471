using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Energy.Measurement;

internal enum WindowKind
{
    Idle,
    Empty,
    Layer,
    Network,
    Boosted,
}

/// <summary>One window to be measured.</summary>
/// <param name="Layer">Index, or -1.</param>
/// <param name="Repeats">Executions of a boosted layer beyond the network's own; markers of an empty run.</param>
/// <param name="Duration">With the time to settle.</param>
internal sealed record PlannedWindow(WindowKind Kind, int Layer, int Repeats, Seconds Duration);
