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
}
