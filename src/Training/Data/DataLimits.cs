namespace EdgePrune.Training.Data;

/// <summary>What a data file may ask for. Every reader holds to these before it allocates.</summary>
internal static class DataLimits
{
    /// <summary>Bytes of one array: what one .NET array can hold, rounded down.</summary>
    public const long ArrayBytes = 2_000_000_000;

    /// <summary>Bytes of all arrays of a dataset together.</summary>
    public const long DatasetBytes = 8_000_000_000;

    public const int Rank = 8;

    public const int ArchiveEntries = 256;

    public const int FilesInFolder = 4096;

    public const int Columns = 16_384;

    public const int Images = 500_000;

    public const int ImageSide = 16_384;

    public const long ImagePixels = 40_000_000;

    public const long ImageFileBytes = 64_000_000;

    public const long TextBytes = 1_000_000_000;

    public const long ManifestBytes = 64 * 1024;

    /// <summary>Above this a label is taken for a misread file, not for a class.</summary>
    public const long Classes = 1_000_000;
}
