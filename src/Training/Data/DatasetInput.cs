using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Data;

/// <summary>One array of a dataset.</summary>
/// <param name="Name">Its name in the file; for formats without names, <c>input</c>.</param>
/// <param name="Type">Element type as stored; a batch converts it to what the model takes.</param>
/// <param name="Shape">Shape of one sample as a batch delivers it, without the batch axis.</param>
public sealed record DatasetInput(string Name, TensorElementType Type, IReadOnlyList<int> Shape);
