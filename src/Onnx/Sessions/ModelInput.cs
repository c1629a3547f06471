using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Onnx.Sessions;

/// <summary>An input (or output) as ONNX Runtime declares it.</summary>
/// <param name="Name">The value's name.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions; −1 where the model leaves one free.</param>
public sealed record ModelInput(string Name, TensorElementType Type, int[] Shape)
{
    public override string ToString() => $"{Printable.Name(Name)}: {Type} [{string.Join(", ", Shape.Take(16).Select(d => d < 0 ? "?" : d.ToString()))}{(Shape.Length > 16 ? ", …" : "")}]";
}
