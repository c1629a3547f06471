namespace EdgePrune.Agent.Trust;

/// <summary>What a key may sign. A key serves one role only, so that the loss of one that is online costs nothing offline.</summary>
public enum SigningRole
{
    /// <summary>The list of keys itself (<see cref="RootMetadata"/>); kept offline.</summary>
    Root,

    /// <summary>Bundles.</summary>
    Bundle,

    /// <summary>Which bundle is the newest (<see cref="TimestampMetadata"/>); short-lived, signed by a machine.</summary>
    Timestamp,
}
