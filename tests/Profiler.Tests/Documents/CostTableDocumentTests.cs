using System.Text.Json;
using System.Text.Json.Nodes;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Documents;
using EdgePrune.Profiler.Tests.Costs;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Tests.Documents;

/// <summary>A cost table on its way to another machine.</summary>
public sealed class CostTableDocumentTests
{
    private static readonly OnnxModel Model = TinyGraph.Residual();
    private static readonly ConvBlockResizer Resizer = new();
    private static readonly Lazy<(CostTable Table, CostTableDocument Document)> Measured = new(() =>
    {
        var options = new SweepOptions { Device = Device.Load("host"), Budget = new Seconds(0.2) };
        CostTable table = CostSweep.Run(Model, Resizer, options);
        return (table, CostTableDocument.Of(table, options, Model));
    });

    [Fact]
    public void What_is_read_back_predicts_the_same_at_every_width()
    {
        CostTable table = Measured.Value.Table;
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(Measured.Value.Document, DocumentJson.Options);
        CostTable read = CostTableReader.Read(CostTableReader.Parse(bytes, "a file"), Model, Resizer);

        Assert.Equal(table.Network.Median, read.Network.Median);
        Assert.Equal(table.Composed, read.Composed, 1e-15);
        Assert.Equal(table.Error(), read.Error());
        var random = new Random(1);
        foreach (CostLayer layer in table.Layers.Where(l => l.Block.FullWidths.Count > 0))
        {
            for (int i = 0; i < 200; i++)
            {
                int[] at = [.. layer.Block.FullWidths.Select(f => random.Next(1, f + 1))];
                Cost before = table.Predict(layer.Block.Key, at), after = read.Predict(layer.Block.Key, at);
                Assert.Equal((before.Time, before.Total, before.Macs, before.WeightBytes), (after.Time, after.Total, after.Macs, after.WeightBytes));
            }
        }

        static Cost Narrow(CostTable t) => t.PredictNetwork(l => [.. l.Block.FullWidths.Select(w => Math.Max(1, w / 2))]);
        Assert.Equal(Narrow(table).Time.Value, Narrow(read).Time.Value, 1e-15);
    }

    public static TheoryData<string, string, string> Damages() => new()
    {
        { "network_s.median", "0", "no latency" },
        { "cores", "0", "too many layers or cores" },
        { "coefficients.idle_w", "-1", "coefficients" },
        { "layers.0.nodes", "[99]", "does not have" },
        { "layers.0.nodes", "[]", "does not have" },
        { "layers.0.widths", "[7, 7]", "other widths" },
        { "layers.0.surface", "\"none\"", "a surface" },
        { "surfaces.*.grids", "{}", "no points" },
        { "surfaces.*.axes.0.paths", "[0]", "paths" },
        { "surfaces.*.grids.0.points", "[]", "number of points" },
        { "surfaces.*.grids.0.knots.0", "[3, 2]", "widths" },
        { "surfaces.*.grids.0.points.0", "[-1, 0, 0, 0, 0, 0, 0, 0]", "no measurement" },
        { "surfaces.*.steps.0.alignment", "0", "staircase" },
        { "format", "\"edgeprune-costs/9\"", "edgeprune-costs/1" },
        { "notes", "null", "no cost table" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void What_another_machine_made_up_is_refused(string path, string value, string because)
    {
        JsonNode document = JsonNode.Parse(JsonSerializer.SerializeToUtf8Bytes(Measured.Value.Document, DocumentJson.Options))!;
        Set(document, path.Split('.'), value);
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(document);

        InputException e = Assert.Throws<InputException>(() => CostTableReader.Read(CostTableReader.Parse(bytes, "a file"), Model, Resizer));

        Assert.Contains(because, e.Message, StringComparison.Ordinal);
    }

    // '*' is the first surface that has axes.
    private static void Set(JsonNode node, string[] path, string value)
    {
        foreach (string step in path[..^1])
        {
            node = node switch
            {
                JsonArray array => array[int.Parse(step)]!,
                JsonObject surfaces when step == "*" => surfaces.First(s => s.Value!["axes"]!.AsArray().Count > 0).Value!,
                _ => node[step]!,
            };
        }

        if (node is JsonArray last)
        {
            last[int.Parse(path[^1])] = JsonNode.Parse(value);
        }
        else
        {
            node[path[^1]] = JsonNode.Parse(value);
        }
    }
}
