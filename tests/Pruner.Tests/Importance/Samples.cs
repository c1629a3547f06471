using System.Globalization;
using EdgePrune.Pruner.Calibration;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;

namespace Pruner.Tests.Importance;

/// <summary>Samples that a test makes up, read back through the product's own reader.</summary>
internal static class Samples
{
    /// <summary>One sample a row of x, with a label each where given.</summary>
    public static CalibrationData Of(double[][] rows, int[]? shape = null, int[]? labels = null)
    {
        using var folder = new TempFolder();
        string header = string.Join(',', rows[0].Select((_, i) => $"x{i}")) + (labels is null ? "" : ",label");
        IEnumerable<string> lines = rows.Select((row, i) =>
            string.Join(',', row.Select(v => v.ToString("R", CultureInfo.InvariantCulture))) + (labels is null ? "" : $",{labels[i]}"));
        string path = folder.File("data.csv");
        File.WriteAllLines(path, [header, .. lines]);
        if (shape is not null)
        {
            File.WriteAllText(folder.File("data.yaml"), $"shape: [{string.Join(", ", shape)}]\n");
        }

        var data = Dataset.Load(path, labels is null ? null : new DatasetOptions { LabelColumn = "label" });
        return new CalibrationData(data, rows.Length);
    }

    /// <summary>Rows of seeded noise.</summary>
    public static double[][] Noise(int rows, int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, length).Select(_ => (double)(float)((random.NextDouble() * 2) - 1)).ToArray())];
    }
}
