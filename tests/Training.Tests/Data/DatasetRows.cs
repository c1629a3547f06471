using EdgePrune.Training.Data;

namespace EdgePrune.Training.Tests.Data;

internal static class DatasetRows
{
    /// <summary>Numbers of a dataset's samples in its files.</summary>
    public static IEnumerable<int> RowsOf(this Dataset data) => Enumerable.Range(0, data.Count).Select(data.Row);
}
