namespace EdgePrune.I2cRig;

/// <summary>What a run found, as JSON on standard output.</summary>
internal sealed record Report
{
    /// <summary>Message of the error that ended it, or null.</summary>
    public string? Error { get; init; }

    /// <summary>Name of the error's type.</summary>
    public string? ErrorType { get; init; }

    /// <summary>Error number of Linux, where the error has one.</summary>
    public int? ErrorNumber { get; init; }

    public string? Invalid { get; init; }

    public double Duration { get; init; }

    public IReadOnlyList<double> Energy { get; init; } = [];

    public int Samples { get; init; }

    /// <summary>Rounds of the part in the window.</summary>
    public long Rounds { get; init; }

    /// <summary>Rounds that were read.</summary>
    public long Seen { get; init; }

    /// <summary>Calls of I2C_RDWR.</summary>
    public long Requests { get; init; }

    /// <summary>Messages in them.</summary>
    public long Messages { get; init; }

    /// <summary>Bytes allocated by the reading thread.</summary>
    public long Allocated { get; init; }

    /// <summary>Names of what was found.</summary>
    public IReadOnlyList<string> Found { get; init; } = [];
}
