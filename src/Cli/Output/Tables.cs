using Spectre.Console;

namespace EdgePrune.Cli.Output;

/// <summary>Tables as every command draws them.</summary>
internal static class Tables
{
    /// <summary>A table with a heading for each column; a heading that ends in <c>&gt;</c> aligns its column right.</summary>
    public static Table Of(params string[] headings)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.BorderStyle(new Style(Color.Grey));
        foreach (string heading in headings)
        {
            bool right = heading.EndsWith('>');
            var column = new TableColumn(new Text(right ? heading[..^1] : heading, new Style(decoration: Decoration.Bold)));
            table.AddColumn(right ? column.RightAligned() : column);
        }

        return table;
    }

    /// <summary>A row of plain texts; nothing in them is taken for markup.</summary>
    public static void Row(this Table table, params string[] cells) =>
        table.AddRow(cells.Select(c => new Text(c)));

    /// <summary>Names on the left, values on the right, no lines.</summary>
    public static Grid Facts(params (string Name, string Value)[] facts)
    {
        var grid = new Grid();
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        foreach ((string name, string value) in facts)
        {
            grid.AddRow(new Text(name, new Style(Color.Grey)), new Text(value));
        }

        return grid;
    }

    /// <summary>A path below facts, never broken into lines, so that it can be copied.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="name">What it is the path of.</param>
    /// <param name="path">The path.</param>
    /// <param name="nameWidth">Length of the longest name among the facts above.</param>
    public static void Place(this IAnsiConsole console, string name, string path, int nameWidth)
    {
        console.Write(new Text(name.PadRight(nameWidth + 2), new Style(Color.Grey)));
        console.Profile.Out.Writer.WriteLine(path);
    }

    /// <summary>A line of plain text.</summary>
    public static void Line(this IAnsiConsole console, string text = "", Style? style = null) =>
        console.Write(new Text(text + "\n", style));
}
