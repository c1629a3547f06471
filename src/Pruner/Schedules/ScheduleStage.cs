namespace EdgePrune.Pruner.Schedules;

/// <summary>One cut, or one change of masks.</summary>
/// <param name="Step">The cut's number from 1, or the training steps done.</param>
/// <param name="Removed">Units that are gone or masked then.</param>
/// <param name="Added">Of those, how many were not before.</param>
/// <param name="Restored">How many have come back.</param>
/// <param name="ZeroWeights">Single weights that are held at zero besides.</param>
public sealed record ScheduleStage(long Step, int Removed, int Added, int Restored, long ZeroWeights = 0);
