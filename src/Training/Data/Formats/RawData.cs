namespace EdgePrune.Training.Data.Formats;

/// <summary>What a reader found in the files: arrays with samples on the first axis, and labels where there are any.</summary>
/// <param name="Arrays">All arrays except the labels.</param>
/// <param name="Labels">One class id a sample, or null.</param>
/// <param name="ClassNames">Names by class id where the format has them, else null.</param>
internal sealed record RawData(IReadOnlyList<DataArray> Arrays, long[]? Labels, IReadOnlyList<string>? ClassNames = null);
