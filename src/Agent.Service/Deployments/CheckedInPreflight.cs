using EdgePrune.Agent.Deployment;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>
/// Leaves the model to the preflight: whoever may sign may still be hostile, or mistaken, and what reads a model can be brought down by
/// it. The service itself knows the file by its digest, which the bundle's manifest gives, and by its size, which the store limits.
/// </summary>
internal sealed class CheckedInPreflight : IModelCheck
{
    public void Check(string path)
    {
        // PreflightRun does it, in a process that may end.
    }
}
