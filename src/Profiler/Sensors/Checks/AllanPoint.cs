using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Checks;

/// <summary>How much means over a window differ from one window to the next.</summary>
/// <param name="Window">Length of the windows.</param>
/// <param name="Deviation">Two-sample (Allan) deviation of the means: √(½ · mean of (P̄ₖ₊₁ − P̄ₖ)²), IEEE 1139.</param>
/// <param name="Windows">How many windows it rests on.</param>
public readonly record struct AllanPoint(Seconds Window, Watts Deviation, int Windows);
