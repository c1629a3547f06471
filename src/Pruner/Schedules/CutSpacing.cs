namespace EdgePrune.Pruner.Schedules;

/// <summary>How the way to the budget is divided into cuts.</summary>
public enum CutSpacing
{
    /// <summary>Each cut leaves the same share of what the last one left: a limit of b is b^(k/n) at cut k of n.</summary>
    Geometric,

    /// <summary>Each cut takes the same amount: 1 − (1 − b)·k/n.</summary>
    Linear,
}
