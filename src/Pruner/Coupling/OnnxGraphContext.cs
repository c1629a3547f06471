using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Pruner.Coupling;

/// <summary>What the analysis knows of a model before it starts.</summary>
internal sealed record OnnxGraphContext(GraphIndex Index, IReadOnlyDictionary<string, ValueShape> Shapes, int Opset);
