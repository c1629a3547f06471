using System.Net;

namespace EdgePrune.Controller;

/// <summary>What a controller runs with.</summary>
public sealed record ControllerSettings
{
    /// <summary>Where it listens, always with mutual TLS.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Its own certificate, PEM; it names the role <c>controller</c>.</summary>
    public required string Certificate { get; init; }

    /// <summary>The certificate's private key, PEM.</summary>
    public required string Key { get; init; }

    /// <summary>The certificate of the authority that issues the certificates of agents and clients.</summary>
    public required string ClientAuthority { get; init; }

    /// <summary>Certificates that do not count; null: none.</summary>
    public string? DenyList { get; init; }

    /// <summary>The folder for the database and the bundles.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The largest bundle, and the largest request that is handed on to an agent.</summary>
    public long MaxBundleBytes { get; init; } = 512L << 20;

    /// <summary>How long a lease lasts without a sign of life.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The time between two questions whether a connected agent is there.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long an answer of an agent may be silent.</summary>
    public TimeSpan RelaySilence { get; init; } = TimeSpan.FromMinutes(10);
}
