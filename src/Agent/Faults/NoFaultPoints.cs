namespace EdgePrune.Agent.Faults;

/// <summary>Fault points that do nothing: what the product runs with.</summary>
public sealed class NoFaultPoints : IFaultPoints
{
    private NoFaultPoints()
    {
    }

    public static NoFaultPoints Instance { get; } = new();

    /// <inheritdoc/>
    public void Hit(string name)
    {
    }
}
