using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>inspect</c>: what a model is made of and what of it can be cut.</summary>
/// <param name="Model">The file.</param>
/// <param name="Opset">Version of the standard operators.</param>
/// <param name="Params">Parameters.</param>
/// <param name="Macs">Multiply-accumulates of one run.</param>
/// <param name="Bytes">Size of the model.</param>
/// <param name="InitializerBytes">Of that its initializers.</param>
/// <param name="PeakActivationBytes">Largest sum of live activations.</param>
/// <param name="Layers">The nodes.</param>
/// <param name="Prunable">How much of it units reach.</param>
/// <param name="Kinds">Units by kind.</param>
/// <param name="Groups">Groups of units.</param>
/// <param name="Blocks">Residual branches and layers that can go as a whole.</param>
/// <param name="Frozen">Axes of parameters that cannot be cut.</param>
/// <param name="FrozenReasons">The same by reason, the most frequent first.</param>
internal sealed record InspectDocument(
    string Model,
    int Opset,
    long Params,
    long Macs,
    long Bytes,
    long InitializerBytes,
    long PeakActivationBytes,
    IReadOnlyList<InspectLayer> Layers,
    PrunableFigures Prunable,
    IReadOnlyList<InspectKind> Kinds,
    IReadOnlyList<InspectGroup> Groups,
    IReadOnlyList<InspectBlock> Blocks,
    IReadOnlyList<FrozenAxis> Frozen,
    IReadOnlyList<FrozenReason> FrozenReasons)
{
    public static InspectDocument Of(
        OnnxModel model, string path, ModelStatistics statistics, CouplingResult coupling, IReadOnlyList<BlockUnit> blocks)
    {
        var share = PrunableShare.Of(coupling, statistics);
        Dictionary<string, long> macs = statistics.Nodes.Where(n => n.Node.Output is [{ Length: > 0 }, ..]).ToDictionary(n => n.Node.Output[0], n => n.Macs, StringComparer.Ordinal);
        return new(
            path,
            model.Opset,
            statistics.Params,
            statistics.Macs,
            model.Proto.CalculateSize(),
            statistics.Bytes,
            statistics.PeakActivationBytes,
            [.. statistics.Nodes.Select(InspectLayer.Of)],
            PrunableFigures.Of(share),
            [.. coupling.Groups.GroupBy(g => g.Kind).OrderBy(k => k.Key).Select(k => InspectKind.Of(k.Key, [.. k], share.Kinds[k.Key]))],
            [.. coupling.Groups.Select(g => InspectGroup.Of(g, share.Groups[g.Id]))],
            [.. blocks.Select(b => new InspectBlock(b.Id, UnitWords.Of(b.Kind), b.Where, b.ParameterCount, b.Nodes.Sum(n => macs.GetValueOrDefault(n)), b.Nodes))],
            coupling.Frozen,
            FrozenReason.Of(coupling.Frozen));
    }
}

/// <param name="Params">Parameters that go with at least one unit.</param>
/// <param name="ParamsShare">Their share of all, 0 to 1.</param>
/// <param name="Macs">Multiply-accumulates of layers of which an input or output channel axis carries units.</param>
/// <param name="MacsShare">Their share of all, 0 to 1.</param>
internal sealed record PrunableFigures(long Params, double ParamsShare, long Macs, double MacsShare)
{
    public static PrunableFigures Of(PrunableShare share) => new(share.PrunableParams, share.ParamsShare, share.PrunableMacs, share.MacsShare);
}

/// <param name="Kind">What the units are: channel, head, and so on.</param>
/// <param name="Units">How many there are.</param>
/// <param name="Inexact">How many of them change what is computed by more than masking does.</param>
/// <param name="Groups">Groups that they form.</param>
/// <param name="Params">Parameters that go with all of them.</param>
/// <param name="Macs">Multiply-accumulates that go with all of them.</param>
internal sealed record InspectKind(string Kind, int Units, int Inexact, int Groups, long Params, long Macs)
{
    public static InspectKind Of(UnitKind kind, IReadOnlyList<UnitGroup> groups, UnitCost cost) => new(
        UnitWords.Of(kind), groups.Sum(g => g.Units.Count), groups.Where(g => g.Inexact is not null).Sum(g => g.Units.Count), groups.Count, cost.Params, cost.Macs);
}

/// <param name="Name">Name of the node; its output's name where it has none.</param>
/// <param name="Op">Operator.</param>
/// <param name="Output">First output.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="Params">Parameters.</param>
internal sealed record InspectLayer(string Name, string Op, string Output, long Macs, long Params)
{
    public static InspectLayer Of(NodeStatistics statistics)
    {
        string output = statistics.Node.Output.FirstOrDefault(o => o.Length > 0) ?? "";
        string name = statistics.Node.Name.Length > 0 ? statistics.Node.Name : output;
        return new InspectLayer(name, statistics.Node.OpType, output, statistics.Macs, statistics.Params);
    }
}

/// <param name="Id">The group's number.</param>
/// <param name="Kind">What its units are.</param>
/// <param name="Units">How many units it has.</param>
/// <param name="Inexact">Why cutting its units differs from masking them; null where it does not.</param>
/// <param name="Params">Parameters that go with all of its units.</param>
/// <param name="Macs">Multiply-accumulates that go with all of its units.</param>
/// <param name="Slices">The axes that each of them is cut from.</param>
internal sealed record InspectGroup(int Id, string Kind, int Units, string? Inexact, long Params, long Macs, IReadOnlyList<TensorAxis> Slices)
{
    public static InspectGroup Of(UnitGroup group, UnitCost cost) =>
        new(group.Id, UnitWords.Of(group.Kind), group.Units.Count, group.Inexact, cost.Params, cost.Macs, group.Slices);
}

/// <param name="Id">Its number among the blocks.</param>
/// <param name="Kind">block or layer.</param>
/// <param name="Where">The sum or the layer.</param>
/// <param name="Params">Elements of the initializers that go with it.</param>
/// <param name="Macs">Multiply-accumulates that go with it.</param>
/// <param name="Nodes">First outputs of the nodes that go with it.</param>
internal sealed record InspectBlock(int Id, string Kind, string Where, long Params, long Macs, IReadOnlyList<string> Nodes);
