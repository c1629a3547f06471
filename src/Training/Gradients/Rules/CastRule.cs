using EdgePrune.Onnx.Proto;
using Microsoft.ML.OnnxRuntime.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Gradients.Rules;

/// <summary>Cast between float32 and double: the gradient is cast back.</summary>
internal sealed class CastRule : IGradientRule
{
    public IReadOnlyList<string> Operators { get; } = ["Cast", "CastLike"];

    public void Differentiate(NodeProto node, GradientContext g)
    {
        DataType to = g.TypeOf(node.Input[0]) switch
        {
            TensorElementType.Float => DataType.Float,
            TensorElementType.Double => DataType.Double,
            TensorElementType other => throw g.Unsupported($"it casts from {other}: float and double can be trained"),
        };
        g.Give(0, g.Writer.Cast(g.OutputGradient, to));
    }
}
