using System.Diagnostics.CodeAnalysis;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Costs;
using EdgePrune.Profiler.Layers;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Profiler.Timing;

/// <summary>
/// Loops for layers whose executed node the runtime does not take alone: their source nodes as a model of their own, which the
/// runtime fuses again. The model has one copy and stays in cache, so such a figure is a little less sure than the others.
/// </summary>
internal sealed class SourceLoops(ExecutedValues executed, SessionSettings settings, EmptyLoops empties, TimeProvider clock)
{
    private BlockExtractor? extractor;

    public bool TryCreate(Layer layer, [NotNullWhen(true)] out LayerLoop? loop)
    {
        loop = null;
        if (layer.SourceNodes.Count == 0)
        {
            return false;
        }

        try
        {
            OnnxModel source = executed.Graph.Source;
            extractor ??= new BlockExtractor(source, new ValueTable(source.Graph, ShapeProbe.Run(source, InputsOf(source))));
            OnnxModel block = extractor.Extract(layer.SourceNodes);
            ModelSession session = ModelSession.Create(block, settings with { OptimizedModelPath = null });
            NamedValues made = SyntheticInputs.Make(session.Inputs, seed: 0);
            var inputs = session.Inputs.ToDictionary(i => i.Name, i => executed.Values.GetValueOrDefault(i.Name) ?? made[i.Name], StringComparer.Ordinal);
            loop = LayerLoop.Of(new TimedLoop(session, inputs, layer.Name, clock), made, empties, inputs.Count);
            return true;
        }
        catch (InputException)
        {
            return false;
        }
    }

    private Dictionary<string, OrtValue> InputsOf(OnnxModel source) =>
        source.Graph.Input.Where(i => executed.Values.ContainsKey(i.Name))
            .ToDictionary(i => i.Name, i => executed.Values[i.Name], StringComparer.Ordinal);
}
