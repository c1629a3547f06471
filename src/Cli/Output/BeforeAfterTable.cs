using EdgePrune.Cli.Documents;
using Spectre.Console;

namespace EdgePrune.Cli.Output;

/// <summary>The figures of two models beside each other.</summary>
internal static class BeforeAfterTable
{
    /// <param name="before">The model that came in.</param>
    /// <param name="after">The model that came out.</param>
    /// <param name="energyProvenance">How the energies were obtained: measured, counted, modelled.</param>
    public static Table Of(ModelFigures before, ModelFigures after, string energyProvenance)
    {
        Table table = Tables.Of("", "before>", "after>", "change>");
        Add(table, "latency (measured)", Figures.Milliseconds, before.LatencyMs, after.LatencyMs);
        Add(table, $"energy ({energyProvenance})", Figures.Millijoules, before.EnergyMj, after.EnergyMj);
        if (before.Accuracy is { } accuracyBefore && after.Accuracy is { } accuracyAfter)
        {
            table.Row(
                "accuracy",
                Figures.Percent(accuracyBefore, 2),
                Figures.Percent(accuracyAfter, 2),
                $"{Figures.Signed((accuracyAfter - accuracyBefore) * 100, 2)} points");
        }

        Add(table, "MACs", Figures.Count, before.Macs, after.Macs);
        Add(table, "parameters", Figures.Count, before.Params, after.Params);
        Add(table, "file size", Figures.Bytes, before.Bytes, after.Bytes);
        return table;
    }

    private static void Add(Table table, string name, Func<double, string> format, double before, double after) =>
        table.Row(name, format(before), format(after), Figures.Change(before, after));
}
