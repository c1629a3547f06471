namespace EdgePrune.Training.Steps;

/// <summary>Slices of a parameter: what numpy calls <c>take(tensor, indices, axis)</c>.</summary>
/// <param name="Tensor">The parameter's name.</param>
/// <param name="Axis">The axis, counted from the front.</param>
/// <param name="Indices">Indices on that axis.</param>
public sealed record TensorSlice(string Tensor, int Axis, IReadOnlyList<int> Indices);
