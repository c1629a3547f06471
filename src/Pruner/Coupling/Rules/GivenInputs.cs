using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>Optional inputs of a node.</summary>
internal static class GivenInputs
{
    /// <summary>Those of the inputs that are not left out.</summary>
    public static IEnumerable<string> Given(this NodeProto node, params int[] inputs) => inputs.Select(i => node.InputAt(i)).OfType<string>();
}
