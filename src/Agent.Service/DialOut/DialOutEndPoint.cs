using System.Net;
using System.Net.Sockets;

namespace EdgePrune.Agent.Service.DialOut;

/// <summary>Where the server gets connections from that it has dialled itself.</summary>
internal sealed class DialOutEndPoint(Uri controller) : EndPoint
{
    public override AddressFamily AddressFamily => AddressFamily.Unspecified;

    public override string ToString() => $"controller {controller.Authority}";
}
