namespace EdgePrune.Agent.Store;

/// <summary>Which state may follow which.</summary>
public static class DeploymentStateExtensions
{
    /// <summary>Whether a deployment in this state still has a decision ahead of it.</summary>
    public static bool IsLive(this DeploymentState state) => state <= DeploymentState.Probation;

    /// <summary>
    /// Whether a deployment in <paramref name="from"/> (null: one that begins) may go on to <paramref name="to"/>.
    /// </summary>
    public static bool CanBecome(this DeploymentState? from, DeploymentState to) => (from, to) switch
    {
        (null, DeploymentState.Received) => true,
        // Rolling back on request: the deployment that put the model there may be older than the journal.
        (null or DeploymentState.Committed, DeploymentState.RolledBack) => true,
        (null or DeploymentState.Committed or DeploymentState.RolledBack or DeploymentState.Refused, _) => false,
        (_, DeploymentState.Refused) => from <= DeploymentState.Preflight,
        // A crash can come between the switch and its line in the journal, hence from preflight too.
        (_, DeploymentState.RolledBack or DeploymentState.Committed) => from >= DeploymentState.Preflight,
        _ => to == from + 1,
    };
}
