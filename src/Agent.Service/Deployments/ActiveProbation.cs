using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Serving;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>The deployment that is to be decided, and what goes with it until then.</summary>
internal sealed class ActiveProbation(ActiveDeployment deployment, Deployer deployer, Trial trial) : IDisposable
{
    /// <summary>After the disk has refused a decision it is tried again.</summary>
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(10);

    public ActiveDeployment Deployment => deployment;

    public Deployer Deployer => deployer;

    public Trial Trial => trial;

    /// <summary>Null: a client decides.</summary>
    public ProbationRun? Run { get; set; }

    public ITimer? Deadline { get; set; }

    /// <summary>Ends the comparison, not the deployment.</summary>
    public void Dispose()
    {
        Deadline?.Dispose();
        Run?.Dispose();
    }
}
