using System.Globalization;
using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Layers;
using EdgePrune.Profiler.Statistics;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Documents;

/// <summary>Makes a cost table of its file again. The file comes from another machine, so everything in it is checked.</summary>
public static class CostTableReader
{
    private const int MostLayers = 100_000;
    private const int MostWidth = 1 << 20;
    private const int MostPoints = 1 << 20;

    /// <summary>Reads the JSON alone.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="source">Where it comes from, for messages.</param>
    /// <exception cref="InputException">It is no cost table.</exception>
    public static CostTableDocument Parse(ReadOnlySpan<byte> bytes, string source)
    {
        try
        {
            CostTableDocument document = JsonSerializer.Deserialize<CostTableDocument>(bytes, StrictJson.Options) ?? throw new JsonException("it is null");
            return document.Format == CostTableDocument.CurrentFormat
                ? document
                : throw new InputException($"{source} is '{Printable.Name(document.Format)}', not {CostTableDocument.CurrentFormat}");
        }
        catch (JsonException bad)
        {
            throw new InputException($"{source} is no cost table: {Printable.Text(bad.Message, keepLines: false)}", bad);
        }
    }

    /// <summary>The table, for the model that it was measured of.</summary>
    /// <param name="document">The file.</param>
    /// <param name="model">The same model.</param>
    /// <param name="resizer">Cuts its blocks as the sweep did.</param>
    /// <param name="shapes">Shapes of inputs with free dimensions, as the sweep had them.</param>
    /// <exception cref="InputException">It is not sound, or of another model.</exception>
    public static CostTable Read(CostTableDocument document, OnnxModel model, IBlockResizer resizer, IReadOnlyDictionary<string, long[]>? shapes = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(resizer);
        Require(document.Layers.Count <= MostLayers && document.Cores is > 0 and <= 4096, "it names too many layers or cores");
        Require(Sound(document.NetworkS.Median) && document.NetworkS.Median > 0, "its network has no latency");
        var surfaces = document.Surfaces.ToDictionary(s => s.Key, s => Surface(s.Value, $"surface {Printable.Name(s.Key)}"), StringComparer.Ordinal);
        IReadOnlyDictionary<string, ValueShape> probed = ShapeProbe.Run(model, null, shapes);
        var values = new ValueTable(model.Graph, probed);
        var extractor = new BlockExtractor(model, values);
        CostLayer[] layers = [.. document.Layers.Select((layer, i) => Layer(layer, i, model, extractor, resizer, surfaces))];
        Dictionary<string, ReorderCost> reorders = document.Reorders.ToDictionary(r => r.Key, r => Reorder(r.Value), StringComparer.Ordinal);
        (long Plane, long Elements) Size(string value) => values.Dims(value) is { Length: 4 } dims ? (dims[2] * dims[3], values.Elements(value)) : default;
        Figure network = document.NetworkS;
        return new CostTable(
            layers,
            surfaces,
            document.Problems,
            new LayoutComposition(model.Graph, layers, Size, reorders),
            new Interval(network.Median, network.Low, network.High, network.Samples ?? 1, 0.95),
            new EnergyModel(Board(document)),
            document.Cores)
        {
            Notes = document.Notes,
        };
    }

    /// <summary>As much of the board as energies are modelled with.</summary>
    public static Device Board(CostTableDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        CoefficientsDocument c = document.Coefficients;
        Require(Sound(c.IdleW) && Sound(c.ActiveW) && Sound(c.MacPj) && Sound(c.BytePj), "its coefficients are no numbers");
        return new Device(
            Printable.Name(document.Device),
            "",
            [],
            new IdleProcedure(default, default),
            [],
            null,
            new EnergyCoefficients(new Watts(c.IdleW), new Watts(c.ActiveW), c.MacPj, c.BytePj),
            new DefaultBudgets(100, 100, 0));
    }

    private static CostLayer Layer(
        CostLayerDocument layer, int index, OnnxModel model, BlockExtractor extractor, IBlockResizer resizer, Dictionary<string, CostSurface> surfaces)
    {
        string where = $"layer {Printable.Name(layer.Name)}";
        Require(layer.Nodes.Count > 0 && layer.Nodes.All(n => n >= 0 && n < model.Graph.Node.Count), $"{where} names nodes that the model does not have; it is of another model");
        NodeProto[] nodes = [.. layer.Nodes.Distinct().Order().Select(n => model.Graph.Node[n])];
        OnnxModel block = extractor.Extract(nodes);
        Require(resizer.FullWidths(block).SequenceEqual(layer.Widths), $"{where} has other widths in this model; it is of another model, or other kinds of units were asked for");
        Require(surfaces.TryGetValue(layer.Surface, out CostSurface? surface) && surface.FullWidths.SequenceEqual(layer.Widths), $"{where} names a surface that does not fit");
        return new CostLayer(
            new Layer
            {
                Index = index,
                Name = layer.Name,
                Op = layer.Op,
                Output = layer.Output,
                Node = new NodeProto { OpType = layer.Op },
                SourceNodes = nodes,
                BlockedInputs = layer.BlockedInputs,
            },
            new CostBlock(layer.Surface, block, layer.Widths, layer.BlockedInputs));
    }

    private static CostSurface Surface(CostSurfaceDocument surface, string where)
    {
        Require(surface.Widths.All(w => w is > 0 and <= MostWidth), $"{where} has impossible widths");
        int[] full = surface.Widths.Count <= CostSurface.MaxAxes ? [.. surface.Widths] : [surface.Widths.Max()];
        AxisPaths[] axes = Axes(surface.Axes, full, where);
        int combinations = axes.Aggregate(1, (product, a) => (int)Math.Min((long)product * a.Count, MostPoints));
        var stairs = new Dictionary<int, AxisPaths[]>();
        foreach ((string number, IReadOnlyList<AxisPathsDocument> on) in surface.Stairs)
        {
            stairs[Number(number, combinations, where)] = Axes(on, full, where);
        }

        Dictionary<int, CostGrid> grids = surface.Grids.ToDictionary(g => Number(g.Key, combinations, where), g => Grid(g.Value, full, where));
        Require(surface.Steps.All(s => s is { Full: > 0, Alignment: > 0, Step: > 0, UnalignedStep: > 0 }), $"{where} has a staircase that makes no sense");
        Require(grids.ContainsKey(0), $"{where} has no points at its full widths");
        HeldOutError? error = surface is { MedianError: { } median, WorstError: { } worst, HeldOut: { } count }
            ? new HeldOutError(median, worst, count) { Noise = surface.Noise }
            : null;
        return new CostSurface(surface.Widths, surface.Steps, new PathCombinations(axes, stairs), grids, error, surface.Points);
    }

    private static AxisPaths[] Axes(IReadOnlyList<AxisPathsDocument> axes, int[] full, string where)
    {
        Require(axes.Count == full.Length, $"{where} has another number of axes");
        return [.. axes.Select((axis, a) =>
        {
            bool sound = axis.Paths.Count == full[a] && axis.Tops.Count == full[a]
                && axis.Paths.All(p => p >= 0 && p < full[a])
                && axis.Paths.Distinct().Count() == axis.Paths.Max() + 1
                && axis.Tops.All(t => t >= 1 && t <= full[a]);
            Require(sound, $"{where} has an axis whose paths make no sense");
            return new AxisPaths([.. axis.Paths], [.. axis.Tops]);
        })];
    }

    private static CostGrid Grid(CostGridDocument grid, int[] full, string where)
    {
        Require(grid.Knots.Count == full.Length, $"{where} has a grid with another number of axes");
        for (int a = 0; a < full.Length; a++)
        {
            int[] knots = grid.Knots[a];
            Require(
                knots is { Length: > 0 } && knots[0] >= 1 && knots[^1] <= full[a] && knots.Zip(knots.Skip(1), (x, y) => x < y).All(ascends => ascends),
                $"{where} has a grid whose widths make no sense");
        }

        long count = grid.Knots.Aggregate(1L, (product, k) => Math.Min(product * k.Length, MostPoints + 1));
        Require(count == grid.Points.Count && count <= MostPoints, $"{where} has a grid with another number of points");
        return new CostGrid([.. grid.Knots], [.. grid.Points.Select(p =>
        {
            Require(p is { Length: CostGridDocument.Columns } && p.All(Sound) && p[6] <= int.MaxValue && p[7] <= int.MaxValue, $"{where} has a point that is no measurement");
            return new BlockEstimate(p[0], p[1], p[2], p[3], p[4], p[5], new BlockLayout((int)p[6], (int)p[7]));
        })]);
    }

    private static ReorderCost Reorder(IReadOnlyList<double[]> points)
    {
        Require(points.Count > 0 && points.All(p => p is { Length: 2 } && p.All(Sound)), "a layout change has no sound points");
        return ReorderCost.Of(points.Select(p => (p[0], p[1])));
    }

    private static int Number(string text, int combinations, string where)
    {
        Require(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < combinations, $"{where} names a combination of paths that it does not have");
        return number;
    }

    private static bool Sound(double value) => double.IsFinite(value) && value >= 0;

    private static void Require(bool sound, string what)
    {
        if (!sound)
        {
            throw new InputException($"the cost table is not sound: {what}; measure the costs again");
        }
    }
}
