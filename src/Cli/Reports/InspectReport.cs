using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Pruner.Coupling;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>An <see cref="InspectDocument"/> for people.</summary>
internal static class InspectReport
{
    private const int LayerColumns = 44;
    private const int GroupColumns = 24;

    public static void Show(IAnsiConsole console, InspectDocument document)
    {
        console.Write(Tables.Facts(
            ("model", document.Model),
            ("opset", document.Opset.ToString()),
            ("parameters", Figures.Count(document.Params)),
            ("MACs", Figures.Count(document.Macs)),
            ("size", $"{Figures.Bytes(document.Bytes)}, initializers {Figures.Bytes(document.InitializerBytes)}"),
            ("activations", $"{Figures.Bytes(document.PeakActivationBytes)} at the peak")));
        console.Line();

        Table layers = Tables.Of("layer", "operator", "MACs>", "parameters>");
        foreach (InspectLayer layer in document.Layers.Where(l => l.Macs > 0 || l.Params > 0))
        {
            layers.Row(Figures.End(layer.Name, console.Profile.Width - LayerColumns), layer.Op, Figures.Count(layer.Macs), Figures.Count(layer.Params));
        }

        console.Write(layers);
        int others = document.Layers.Count(l => l.Macs == 0 && l.Params == 0);
        console.Line($"and {others} nodes without work or parameters");
        console.Line();

        ShowGroups(console, document.Groups);
        ShowFrozen(console, document.Frozen);
    }

    private static void ShowGroups(IAnsiConsole console, IReadOnlyList<InspectGroup> groups)
    {
        if (groups.Count == 0)
        {
            console.Line("Nothing in this model can be cut.");
            return;
        }

        Table table = Tables.Of("group>", "units>", "cut from");
        foreach (InspectGroup group in groups)
        {
            TensorAxis first = group.Slices[0];
            string more = group.Slices.Count > 1 ? $" and {group.Slices.Count - 1} more" : "";
            string axis = $" axis {first.Axis}";
            table.Row(group.Id.ToString(), group.Units.ToString(), Figures.End(first.Tensor, console.Profile.Width - GroupColumns - axis.Length - more.Length) + axis + more);
        }

        console.Write(table);
    }

    private static void ShowFrozen(IAnsiConsole console, IReadOnlyList<FrozenAxis> frozen)
    {
        if (frozen.Count == 0)
        {
            return;
        }

        console.Line();
        Table table = Tables.Of("frozen axes>", "because of");
        foreach (IGrouping<string, FrozenAxis> reason in frozen.GroupBy(f => f.Reason).OrderByDescending(g => g.Count()))
        {
            table.Row(reason.Count().ToString(), reason.Key);
        }

        console.Write(table);
    }
}
