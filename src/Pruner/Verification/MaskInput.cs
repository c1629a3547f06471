using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Pruner.Verification;

/// <summary>A mask in a <see cref="MaskedGraph"/>.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Type">Its element type: that of the weights that it multiplies, or bool where it chooses.</param>
/// <param name="Shape">Its shape: one everywhere but along the axis that it masks.</param>
internal sealed record MaskInput(string Name, DataType Type, long[] Shape);
