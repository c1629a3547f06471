using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Influence on later layers: with the unit masked, the relative squared change ‖A − A₀‖² / ‖A₀‖² of what each Conv, Gemm and MatMul behind
/// it makes, as a mean over those layers and the samples' batches.
/// </summary>
public sealed class InfluenceImportance : GatedImportance
{
    public override string Name => "influence";

    public override string Summary => "change of later layers' activations when the unit is masked, measured";

    private protected override IReadOnlyList<string> Values(ImportanceContext context) => [.. LinearLayer.Of(context.Model.Graph)
        .Select(l => l.Output)
        .Where(v => context.Coupling.Context.Shapes.TryGetValue(v, out ValueShape? shape) && shape.Type == TensorElementType.Float)];

    private protected override double Compare(ImportanceContext context, int[] units, NamedValues changed, NamedValues unchanged, DatasetBatch batch)
    {
        HashSet<string> behind = Behind(context.Coupling, context.Coupling.Units[units[0]]);
        double sum = 0;
        int layers = 0;
        foreach (string value in Values(context).Where(behind.Contains))
        {
            (double difference, double all) = OutputLoss.Difference(changed[value].GetTensorDataAsSpan<float>(), unchanged[value].GetTensorDataAsSpan<float>());
            sum += all == 0 ? 0 : difference / all;
            layers++;
        }

        return layers == 0 ? 0 : sum / layers * batch.Count;
    }

    // Everything that can be reached from the nodes that read the unit.
    private static HashSet<string> Behind(CouplingResult coupling, Unit unit)
    {
        GraphIndex index = coupling.Context.Index;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<NodeProto>(GatedModel.Read(unit).SelectMany(s => index.Consumers(s.Tensor)));
        while (open.TryPop(out NodeProto? node))
        {
            foreach (string output in node.Output.Where(seen.Add))
            {
                foreach (NodeProto next in index.Consumers(output))
                {
                    open.Push(next);
                }
            }
        }

        return seen;
    }
}
