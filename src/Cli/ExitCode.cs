namespace EdgePrune.Cli;

/// <summary>What the process returns; scripts rely on these numbers.</summary>
internal enum ExitCode
{
    Ok = 0,

    /// <summary>Bad input, a full disk, a cancelled run: the message says which.</summary>
    Failed = 1,

    /// <summary>The arguments make no sense.</summary>
    Usage = 2,

    /// <summary>The budget could not be met, or the new model is not better and was rolled back.</summary>
    TargetNotMet = 3,

    /// <summary>The board or its sensor cannot be reached.</summary>
    DeviceUnavailable = 4,

    /// <summary>The pruned model does not compute what the plan says.</summary>
    VerificationFailed = 5,
}
