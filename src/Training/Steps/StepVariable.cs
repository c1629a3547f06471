using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps;

/// <summary>A tensor that each step reads and writes anew.</summary>
/// <param name="Name">The model's name of it; the optimiser's state is named after its parameter.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Input">The graph's input that takes the old value.</param>
/// <param name="Output">The graph's output that holds the new value.</param>
/// <param name="Type">Float or double.</param>
/// <param name="Dims">Dimensions.</param>
/// <param name="Initial">The value before the first step, as little-endian bytes.</param>
internal sealed record StepVariable(string Name, StepVariableKind Kind, string Input, string Output, DataType Type, long[] Dims, byte[] Initial);
