using EdgePrune.Onnx;
using EdgePrune.Profiler.Layers;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>inspect</c>: what a model is made of and what of it can be cut.</summary>
internal sealed record InspectDocument(
    string Model,
    int Opset,
    long Params,
    long Macs,
    long Bytes,
    long InitializerBytes,
    long PeakActivationBytes,
    IReadOnlyList<InspectLayer> Layers,
    IReadOnlyList<InspectGroup> Groups,
    IReadOnlyList<FrozenAxis> Frozen)
{
    public static InspectDocument Of(OnnxModel model, string path, ModelStatistics statistics, CouplingResult coupling) => new(
        path,
        model.Opset,
        statistics.Params,
        statistics.Macs,
        model.Proto.CalculateSize(),
        statistics.Bytes,
        statistics.PeakActivationBytes,
        [.. statistics.Nodes.Select(InspectLayer.Of)],
        [.. coupling.Groups.Select(g => new InspectGroup(g.Id, g.Units.Count, g.Slices))],
        coupling.Frozen);
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
/// <param name="Units">How many units it has.</param>
/// <param name="Slices">The axes that each of them is cut from.</param>
internal sealed record InspectGroup(int Id, int Units, IReadOnlyList<TensorAxis> Slices);
