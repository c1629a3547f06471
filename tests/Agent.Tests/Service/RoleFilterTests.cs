using EdgePrune.Agent.Certificates;
using EdgePrune.Agent.Service.Api;
using Microsoft.AspNetCore.Http;

namespace EdgePrune.Agent.Tests.Service;

/// <summary>Where requests are worked on.</summary>
public sealed class RoleFilterTests
{
    /// <summary>What waits for a disk on the thread that reads sockets keeps the inferences of others waiting.</summary>
    [Theory]
    [InlineData(AgentRole.Infer, true)]
    [InlineData(AgentRole.Deploy, false)]
    [InlineData(AgentRole.Measure, false)]
    [InlineData(null, false)]
    public void Only_inference_stays_on_the_thread_that_reads_sockets(AgentRole? role, bool stays)
    {
        int sockets = 0, worked = 0;
        // A thread of its own, as the one that reads sockets is none of the pool's either.
        var thread = new Thread(() =>
        {
            sockets = Environment.CurrentManagedThreadId;
            var context = new DefaultEndpointFilterInvocationContext(new DefaultHttpContext());
            new RoleFilter(role, null).InvokeAsync(context, _ =>
            {
                worked = Environment.CurrentManagedThreadId;
                return ValueTask.FromResult<object?>(null);
            }).AsTask().GetAwaiter().GetResult();
        });
        thread.Start();
        thread.Join();
        Assert.Equal(stays, worked == sockets);
    }
}
