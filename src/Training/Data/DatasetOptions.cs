namespace EdgePrune.Training.Data;

/// <summary>What the caller knows about a dataset that its files do not say.</summary>
public sealed record DatasetOptions
{
    /// <summary>Name of the array or column that holds the labels; null takes it from <c>data.yaml</c>, then by convention.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Whether a dataset without labels is an error.</summary>
    public bool RequireLabels { get; init; }

    /// <summary>A description to use in place of the <c>data.yaml</c> beside the data.</summary>
    public string? ManifestPath { get; init; }

    /// <summary>Takes the arrays as they lie, whatever a <c>data.yaml</c> beside them says (for a model that wants raw values).</summary>
    public bool IgnoreManifest { get; init; }

    /// <summary>
    /// Most bytes of an array that are held in memory. A larger one is read sample by sample from its file, where the format
    /// allows that: <c>.npy</c> in C order, <c>.bin</c> and IDX that are not gzipped, folders of images.
    /// </summary>
    public long ResidentBytes { get; init; } = 1L << 30;
}
