namespace EdgePrune.Pruner.Budget.Orders;

/// <summary>Units that go together because the hardware saves nothing, or less, for fewer of them.</summary>
/// <param name="Group">Their group.</param>
/// <param name="Units">How many, the least important first.</param>
/// <param name="Lost">Importance lost with them.</param>
/// <param name="Saved">Cost that it saves, in the unit of the order's metric.</param>
public readonly record struct RemovalStep(int Group, int Units, double Lost, double Saved)
{
    /// <summary>Importance lost for each unit of cost saved.</summary>
    public double Price => Saved > 0 ? Lost / Saved : double.PositiveInfinity;
}
