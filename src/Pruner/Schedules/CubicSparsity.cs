namespace EdgePrune.Pruner.Schedules;

/// <summary>
/// s_t = s_f + (s_i − s_f)·(1 − (t − t₀)/(n·Δt))³ (Zhu and Gupta, "To prune, or not to prune", 2017): fast at first, while there is much that
/// is not needed, and slow at the end.
/// </summary>
/// <param name="Initial">s_i.</param>
/// <param name="Final">s_f.</param>
/// <param name="Begin">t₀, the step of the first change.</param>
/// <param name="Span">n·Δt, steps from the first change to the last, above 0.</param>
public readonly record struct CubicSparsity(double Initial, double Final, long Begin, long Span)
{
    /// <summary>The sparsity of a step; <see cref="Initial"/> before the first change, <see cref="Final"/> after the last.</summary>
    public double At(long step)
    {
        double left = 1 - Math.Clamp((double)(step - Begin) / Span, 0, 1);
        return Final + ((Initial - Final) * left * left * left);
    }
}
