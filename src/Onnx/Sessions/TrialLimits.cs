namespace EdgePrune.Onnx.Sessions;

/// <summary>What a model may take in its trial.</summary>
public sealed record TrialLimits
{
    public static TrialLimits Default { get; } = new();

    /// <summary>Time until the answer, the start of the child process included.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Bytes of memory that the child may write to; three quarters of the machine's unless told otherwise. Enforced on Linux.</summary>
    public long MemoryBytes { get; init; } = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3;
}
