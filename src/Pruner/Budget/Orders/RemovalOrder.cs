namespace EdgePrune.Pruner.Budget.Orders;

/// <summary>In what order units go until a budget is met.</summary>
public enum RemovalOrder
{
    /// <summary>No order: <see cref="BudgetSolver"/> looks at all widths together and proves a bound.</summary>
    Solver,

    /// <summary>The step that loses the least importance for each joule that it saves at the widths of that moment.</summary>
    PerJoule,

    /// <summary>The same for each millisecond.</summary>
    PerMillisecond,

    /// <summary>The same for each byte of parameters.</summary>
    PerByte,

    /// <summary>
    /// The least important unit of the group whose layers take the most energy at that moment, the order of layers of Yang et al.,
    /// Designing Energy-Efficient Convolutional Neural Networks Using Energy-Aware Pruning, CVPR 2017, re-evaluated after each unit.
    /// </summary>
    EnergyFirst,
}
