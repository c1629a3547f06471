using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// A vector of one number over and over that several nodes read: exporters keep one of tensors that are equal, such as the biases of
/// zero of all layers. It says nothing of which units belong together, and where its length no longer fits one number does as well.
/// </summary>
internal static class UniformParameter
{
    /// <summary>True for such an initializer.</summary>
    public static bool Is(GraphIndex index, string value) =>
        index.Initializer(value) is { } tensor
        && tensor.Dims is [> 1]
        && index.Consumers(value).Count > 1
        && ElementTypes.TypeOf(tensor) is TensorProto.Types.DataType.Float or TensorProto.Types.DataType.Float16 or TensorProto.Types.DataType.Double
        && TensorReader.ToFloats(tensor) is { Length: > 0 } values
        && values.All(v => v == values[0]);
}
