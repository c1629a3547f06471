using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Pruner.Coupling;
using Spectre.Console;

namespace EdgePrune.Cli.Reports;

/// <summary>An <see cref="InspectDocument"/> for people.</summary>
internal static class InspectReport
{
    private const int LayerColumns = 44;
    private const int GroupColumns = 66;

    public static void Show(IAnsiConsole console, InspectDocument document)
    {
        PrunableFigures prunable = document.Prunable;
        console.Write(Tables.Facts(
            ("model", document.Model),
            ("opset", document.Opset.ToString()),
            ("parameters", $"{Figures.Count(document.Params)}, of which {Figures.Percent(prunable.ParamsShare)} can be cut"),
            ("MACs", $"{Figures.Count(document.Macs)}, of which {Figures.Percent(prunable.MacsShare)} are in layers with a channel axis that can be cut"),
            ("size", $"{Figures.Bytes(document.Bytes)}, initializers {Figures.Bytes(document.InitializerBytes)}"),
            ("activations", $"{Figures.Bytes(document.PeakActivationBytes)} at the peak")));
        console.Line();

        Table layers = Tables.Of("layer", "operator", "MACs>", "parameters>");
        foreach (InspectLayer layer in document.Layers.Where(l => l.Macs > 0 || l.Params > 0))
        {
            layers.Row(Figures.End(Printable.Name(layer.Name), console.Profile.Width - LayerColumns), Printable.Name(layer.Op), Figures.Count(layer.Macs), Figures.Count(layer.Params));
        }

        console.Write(layers);
        int others = document.Layers.Count(l => l.Macs == 0 && l.Params == 0);
        console.Line($"and {others} nodes without work or parameters");
        console.Line();

        if (document.Groups.Count == 0)
        {
            console.Line("Nothing in this model can be cut.");
        }
        else
        {
            ShowKinds(console, document.Kinds);
            ShowGroups(console, document.Groups);
        }

        ShowBlocks(console, document.Blocks);
        ShowFrozen(console, document.FrozenReasons);
    }

    private static void ShowBlocks(IAnsiConsole console, IReadOnlyList<InspectBlock> blocks)
    {
        if (blocks.Count == 0)
        {
            return;
        }

        console.Line();
        Table table = Tables.Of("as a whole", "parameters>", "MACs>", "skipped at");
        foreach (InspectBlock block in blocks)
        {
            table.Row($"{block.Kind} {block.Id}", Figures.Count(block.Params), Figures.Count(block.Macs), Figures.End(Printable.Name(block.Where), console.Profile.Width - LayerColumns));
        }

        console.Write(table);
    }

    private static void ShowKinds(IAnsiConsole console, IReadOnlyList<InspectKind> kinds)
    {
        Table table = Tables.Of("units of kind", "units>", "inexact>", "groups>", "parameters>", "MACs>");
        foreach (InspectKind kind in kinds)
        {
            table.Row(
                kind.Kind.Replace('-', ' '), kind.Units.ToString(), kind.Inexact == 0 ? "–" : kind.Inexact.ToString(), kind.Groups.ToString(), Figures.Count(kind.Params), Figures.Count(kind.Macs));
        }

        console.Write(table);
        console.Line("Parameters and MACs are those that go with all units of a kind or group; groups share weights.");
        console.Line();
    }

    private static void ShowGroups(IAnsiConsole console, IReadOnlyList<InspectGroup> groups)
    {
        Table table = Tables.Of("group>", "kind", "units>", "parameters>", "MACs>", "cut from");
        foreach (InspectGroup group in groups)
        {
            TensorAxis first = group.Slices[0];
            string more = group.Slices.Count > 1 ? $" and {group.Slices.Count - 1} more" : "";
            string axis = $" axis {first.Axis}";
            string kind = group.Kind.Replace('-', ' ') + (group.Inexact is null ? "" : " ≈");
            int width = console.Profile.Width - GroupColumns - axis.Length - more.Length;
            table.Row(group.Id.ToString(), kind, group.Units.ToString(), Figures.Count(group.Params), Figures.Count(group.Macs), Figures.End(Printable.Name(first.Tensor), width) + axis + more);
        }

        console.Write(table);
        foreach (IGrouping<string, InspectGroup> reason in groups.Where(g => g.Inexact is not null).GroupBy(g => g.Inexact!))
        {
            console.Line($"≈ inexact, {reason.Sum(g => g.Units)} units: {Printable.Text(reason.Key, keepLines: false)}");
        }
    }

    private static void ShowFrozen(IAnsiConsole console, IReadOnlyList<FrozenReason> frozen)
    {
        if (frozen.Count == 0)
        {
            return;
        }

        console.Line();
        Table table = Tables.Of("frozen axes>", "because of", "for example");
        foreach (FrozenReason reason in frozen)
        {
            table.Row(reason.Axes.ToString(), Printable.Text(reason.Reason, keepLines: false), $"{Figures.End(Printable.Name(reason.Example.Tensor), console.Profile.Width / 4)} axis {reason.Example.Axis}");
        }

        console.Write(table);
    }
}
