namespace EdgePrune.Onnx.Reading;

/// <summary>
/// What a model file may ask of this process. A model is untrusted input: these are checked before memory is taken, in the
/// reader itself, so that no caller can forget them.
/// </summary>
public sealed record ModelLimits
{
    public static ModelLimits Default { get; } = new();

    /// <summary>Bytes of the model file. Protocol buffers cannot hold 2 GiB.</summary>
    public long MaxFileBytes { get; init; } = int.MaxValue;

    /// <summary>Nodes of all graphs together.</summary>
    public int MaxNodes { get; init; } = 200_000;

    /// <summary>Messages of every kind: a two-byte message costs a hundred bytes of objects.</summary>
    public int MaxMessages { get; init; } = 5_000_000;

    /// <summary>Graphs inside graphs (If, Loop, Scan).</summary>
    public int MaxGraphDepth { get; init; } = 16;

    /// <summary>Bytes of all initializers together, those in external files included.</summary>
    public long MaxInitializerBytes { get; init; } = int.MaxValue;
}
