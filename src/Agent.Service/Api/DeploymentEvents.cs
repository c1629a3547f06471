using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.Service.Api;

/// <summary>The life of one deployment as events.</summary>
internal static class DeploymentEvents
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <param name="deployment">As it stands.</param>
    /// <param name="look">Looks again.</param>
    /// <param name="changes">Tells when to.</param>
    /// <param name="cancellationToken">Nobody listens any more.</param>
    public static async IAsyncEnumerable<SseItem<DeploymentAnswer>> Of(
        DeploymentAnswer deployment, Func<DeploymentAnswer?> look, ChangeSignal changes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new SseItem<DeploymentAnswer>(deployment, "deployment");
        while (deployment.State.IsLive())
        {
            Task changed = changes.Next; // before looking: a change in between is not missed
            DeploymentAnswer? now = look();
            if (now is null)
            {
                yield break; // somebody has moved the journal away
            }

            if (now.State != deployment.State)
            {
                yield return new SseItem<DeploymentAnswer>(now, "deployment");
            }
            else if (now.Probation != deployment.Probation)
            {
                yield return new SseItem<DeploymentAnswer>(now, "probation");
            }

            deployment = now;
            if (deployment.State.IsLive())
            {
                await Task.WhenAny(changed, Task.Delay(Interval, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }
}
