using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Devices;

namespace EdgePrune.Profiler.Documents;

/// <summary>
/// A cost table as a file, whole: what each layer of one model costs at any widths on the board where it was measured. Another
/// machine plans with it (<see cref="CostTableReader"/>), without measuring anything.
/// </summary>
/// <param name="Format">Name and version of this form.</param>
/// <param name="Device">Name of the board.</param>
/// <param name="Runtime">Runtime, version, provider, threads and optimisation level.</param>
/// <param name="Cores">Busy cores that the energies are modelled with.</param>
/// <param name="Coefficients">Idle and active power in watts, picojoules for a multiply-accumulate and for a byte.</param>
/// <param name="NetworkS">Measured latency of the whole network in seconds.</param>
/// <param name="Layers">In the order of execution on the board.</param>
/// <param name="Surfaces">By the key that layers name.</param>
/// <param name="Reorders">Seconds of layout changes: pairs of channels and seconds, by kind.</param>
/// <param name="Problems">Layers that could not be measured, with the reason.</param>
/// <param name="Notes">What a reader must know.</param>
public sealed record CostTableDocument(
    string Format,
    string Device,
    string Runtime,
    int Cores,
    CoefficientsDocument Coefficients,
    Figure NetworkS,
    IReadOnlyList<CostLayerDocument> Layers,
    IReadOnlyDictionary<string, CostSurfaceDocument> Surfaces,
    IReadOnlyDictionary<string, IReadOnlyList<double[]>> Reorders,
    IReadOnlyDictionary<string, string> Problems,
    IReadOnlyList<string> Notes)
{
    public const string CurrentFormat = "edgeprune-costs/1";

    /// <param name="table">The table.</param>
    /// <param name="options">What it was swept with.</param>
    /// <param name="model">The model that it is of.</param>
    public static CostTableDocument Of(CostTable table, SweepOptions options, Onnx.OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(model);
        var places = model.Graph.Node.Select((node, i) => (node, i)).ToDictionary<(Onnx.Proto.NodeProto, int), object, int>(p => p.Item1, p => p.Item2, ReferenceEqualityComparer.Instance);
        return new CostTableDocument(
            CurrentFormat,
            options.Device.Name,
            RuntimeName.Of(options.Session),
            Math.Max(1, options.Session.Threads),
            CoefficientsDocument.Of(options.Device.Coefficients),
            Figure.Of(table.Network, 1)!,
            [.. table.Layers.Select(l => new CostLayerDocument(
                l.Layer.Name, l.Layer.Op, l.Layer.Output, [.. l.Layer.SourceNodes.Select(n => places[n])], l.Block.BlockedInputs, l.Block.FullWidths, l.Block.Key))],
            table.Surfaces.ToDictionary(s => s.Key, s => CostSurfaceDocument.Of(s.Value), StringComparer.Ordinal),
            (table.Layouts?.Costs ?? new Dictionary<string, ReorderCost>()).ToDictionary(
                c => c.Key, c => (IReadOnlyList<double[]>)[.. c.Value.Points.Select(p => new[] { p.Channels, p.Seconds })], StringComparer.Ordinal),
            table.Problems,
            table.Notes);
    }
}

/// <param name="IdleW">Power of the idle board.</param>
/// <param name="ActiveW">Power above idle for each busy core.</param>
/// <param name="MacPj">Energy of a multiply-accumulate beyond that.</param>
/// <param name="BytePj">Energy of a byte read or written.</param>
public sealed record CoefficientsDocument(double IdleW, double ActiveW, double MacPj, double BytePj)
{
    internal static CoefficientsDocument Of(EnergyCoefficients c) => new(c.Idle.Value, c.ActivePerCore.Value, c.PicojoulesPerMac, c.PicojoulesPerByte);
}

/// <param name="Name">Name of its last source node.</param>
/// <param name="Op">Operator as executed.</param>
/// <param name="Output">The tensor that it computes.</param>
/// <param name="Nodes">Positions of its source nodes in the model's graph.</param>
/// <param name="BlockedInputs">Inputs that it reads in the runtime's blocked layout.</param>
/// <param name="Widths">Its full widths.</param>
/// <param name="Surface">Key of its surface.</param>
public sealed record CostLayerDocument(
    string Name, string Op, string Output, IReadOnlyList<int> Nodes, IReadOnlyList<string> BlockedInputs, IReadOnlyList<int> Widths, string Surface);

/// <param name="Widths">Full widths.</param>
/// <param name="Steps">The staircase of each axis.</param>
/// <param name="Axes">Paths of each axis, the others at full width.</param>
/// <param name="Stairs">The axes with their stairs on each combination of paths that was looked at, by its number.</param>
/// <param name="Grids">Measured points of each combination that was measured, by its number.</param>
/// <param name="MedianError">Median relative error at held-out widths; null where every width was measured.</param>
/// <param name="WorstError">The largest.</param>
/// <param name="HeldOut">How many.</param>
/// <param name="Noise">Half width of the held-out points' intervals, as a fraction; null where some were read once only.</param>
/// <param name="Points">Points measured.</param>
public sealed record CostSurfaceDocument(
    IReadOnlyList<int> Widths,
    IReadOnlyList<AxisSteps> Steps,
    IReadOnlyList<AxisPathsDocument> Axes,
    IReadOnlyDictionary<string, IReadOnlyList<AxisPathsDocument>> Stairs,
    IReadOnlyDictionary<string, CostGridDocument> Grids,
    double? MedianError,
    double? WorstError,
    int? HeldOut,
    double? Noise,
    int Points)
{
    internal static CostSurfaceDocument Of(CostSurface surface) => new(
        surface.FullWidths,
        surface.Steps,
        [.. surface.Combinations.Independent.Select(AxisPathsDocument.Of)],
        surface.Combinations.Stairs.ToDictionary(s => Number(s.Key), s => (IReadOnlyList<AxisPathsDocument>)[.. s.Value.Select(AxisPathsDocument.Of)], StringComparer.Ordinal),
        surface.Grids.ToDictionary(g => Number(g.Key), g => CostGridDocument.Of(g.Value), StringComparer.Ordinal),
        surface.Error?.Median,
        surface.Error?.Worst,
        surface.Error?.Count,
        surface.Error?.Noise,
        surface.Points);

    private static string Number(int combination) => combination.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What each width from 1 on is: the path that it takes, and the width that costs as much.</summary>
public sealed record AxisPathsDocument(IReadOnlyList<int> Paths, IReadOnlyList<int> Tops)
{
    internal static AxisPathsDocument Of(AxisPaths axis) => new(axis.Paths, axis.TopsOfAll);
}

/// <param name="Knots">Widths on each axis, ascending.</param>
/// <param name="Points">
/// Seconds, multiply-accumulates, bytes moved, bytes of weights, of activations and of outputs, and the layouts of inputs and outputs as
/// bits; the last axis fastest.
/// </param>
public sealed record CostGridDocument(IReadOnlyList<int[]> Knots, IReadOnlyList<double[]> Points)
{
    internal const int Columns = 8;

    internal static CostGridDocument Of(CostGrid grid) => new(
        grid.Knots,
        [.. grid.Points.Select(p => new[] { p.Time, p.Macs, p.BytesMoved, p.WeightBytes, p.ActivationBytes, p.OutputBytes, p.Layout.Inputs, p.Layout.Outputs })]);
}
