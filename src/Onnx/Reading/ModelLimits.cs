namespace EdgePrune.Onnx.Reading;

/// <summary>
/// What a model file may ask of this process. A model is untrusted input: these are checked before memory is taken, in the
/// reader itself, so that no caller can forget them.
/// </summary>
public sealed record ModelLimits
{
    public static ModelLimits Default { get; } = new();

    /// <summary>Bytes of the model file. Protocol buffers cannot hold 2 GiB.</summary>
    public long MaxFileBytes { get; init; } = Array.MaxLength;

    /// <summary>Nodes of all graphs together; also of all model functions once they are expanded where they are called.</summary>
    public int MaxNodes { get; init; } = 200_000;

    /// <summary>
    /// Messages, texts and unknown fields together: one that takes two bytes in the file costs a hundred in memory.
    /// </summary>
    public int MaxParts { get; init; } = 5_000_000;

    /// <summary>Graphs inside graphs (If, Loop, Scan).</summary>
    public int MaxGraphDepth { get; init; } = 16;

    /// <summary>
    /// Bytes that all values take in memory together, those in external files included. A model is held in one piece, so
    /// this stays under 2 GiB with room for the rest of the file.
    /// </summary>
    public long MaxInitializerBytes { get; init; } = int.MaxValue - (64L << 20);
}
