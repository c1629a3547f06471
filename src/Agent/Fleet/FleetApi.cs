namespace EdgePrune.Agent.Fleet;

/// <summary>Where agents find what they need at a controller. All of it needs a certificate with the role <c>device</c>, whose name is the device's.</summary>
public static class FleetApi
{
    /// <summary>POST <see cref="LeaseRequest"/> → <see cref="LeaseAnswer"/>: this process speaks for the device from now on.</summary>
    public const string Lease = "/v1/agent/lease";

    /// <summary>GET, upgraded to a WebSocket over which the controller speaks HTTP/2 to the agent.</summary>
    public const string Connect = "/v1/agent/connect";

    /// <summary>GET, answered when the revision exceeds <c>?after=</c> (<see cref="DesiredAnswer"/>) or with 204 after half a minute.</summary>
    public const string Desired = "/v1/agent/desired";

    /// <summary>GET with a bundle's digest after it: the bundle.</summary>
    public const string Bundles = "/v1/agent/bundles/";

    /// <summary>POST <see cref="ResultReport"/>.</summary>
    public const string Results = "/v1/agent/results";

    /// <summary>Carries <see cref="LeaseAnswer.Token"/> in every request but the first; one that is not the newest is answered with 409.</summary>
    public const string TokenHeader = "Fencing-Token";

    /// <summary>Carries the certificate of the client for whom the controller asks (RFC 9440, section 2.2).</summary>
    public const string ClientCertificateHeader = "Client-Cert";
}
