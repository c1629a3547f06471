namespace EdgePrune.Profiler.Timing;

/// <summary>One run with the machine's speed around it.</summary>
/// <param name="Seconds">Time of the run.</param>
/// <param name="Reference">The slower of the reference's times before and after it, in seconds.</param>
internal readonly record struct PacedRun(double Seconds, double Reference);

/// <summary>What runs of one loop amount to at the machine's best speed.</summary>
/// <param name="Seconds">Median of the undisturbed runs; where there are none, the quietest runs scaled to the best speed.</param>
/// <param name="IsQuiet">True where it rests on undisturbed runs.</param>
/// <param name="Doubt">How far, as a fraction, the scaling may be wrong; 0 where nothing was scaled.</param>
internal readonly record struct PacedReading(double Seconds, bool IsQuiet, double Doubt = 0);
