namespace EdgePrune.Profiler.Sensors;

/// <summary>One supply line that a source reports.</summary>
/// <param name="Name">The board's own name of the line, for example VDD_IN.</param>
/// <param name="IsTotal">
/// True where the line feeds everything else. A sum is taken from the one total rail or from disjoint rails, never from
/// both: others have counted rails twice that way.
/// </param>
public sealed record PowerRail(string Name, bool IsTotal);
