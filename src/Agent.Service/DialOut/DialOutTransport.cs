using System.Net;
using Microsoft.AspNetCore.Connections;

namespace EdgePrune.Agent.Service.DialOut;

/// <summary>
/// A transport of Kestrel whose connections are dialled, not accepted: what comes over them goes through the same
/// pipeline, limits and endpoints as everything else.
/// </summary>
internal sealed class DialOutTransport(ControllerClient controller, RelayedConnection relayed, ILogger<DialOutTransport> logger, TimeProvider time)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is DialOutEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new DialOutListener(endpoint, controller, relayed, logger, time));
}
