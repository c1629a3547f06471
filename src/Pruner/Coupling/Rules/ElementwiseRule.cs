using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Surgery;

namespace EdgePrune.Pruner.Coupling.Rules;

/// <summary>
/// Operators that compute each element from the elements at the same place, with broadcasting. Only operators that do so stand here:
/// one that is taken for elementwise and is not would be cut wrongly without a word.
/// </summary>
internal sealed class ElementwiseRule : IOperatorRule
{
    public IReadOnlyList<string> Operators { get; } =
    [
        "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Cast", "CastLike", "Ceil", "Celu", "Clip", "Cos", "Cosh",
        "Dropout", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "IsInf", "IsNaN", "LeakyRelu", "Log",
        "Mish", "Neg", "Not", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus",
        "Softsign", "Sqrt", "Tan", "Tanh", "ThresholdedRelu",
        "Add", "And", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Equal", "Greater", "GreaterOrEqual", "Less",
        "LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul", "Or", "Pow", "PRelu", "Sub", "Sum", "Where", "Xor",
    ];

    public string Relation => "Inputs broadcast to one shape share the ids of every axis along which they have the same length.";

    public void Relate(NodeProto node, CouplingBuilder c)
    {
        // The second input of CastLike only says a type.
        string[] inputs = [.. node.Input.Take(node.OpType == "CastLike" ? 1 : int.MaxValue).Where(i => i.Length > 0)];
        // A sequence or an optional passes Identity too, and has no axes.
        if (inputs.Append(node.Output[0]).Any(v => c.Dims(v) is null))
        {
            c.Unknown(node, "the shape of an input or output is not known");
            return;
        }

        string[] told = [.. inputs.Where(i => !Yields(c.Index, i, inputs, v => c.Dims(v)!))];
        Layout result = Broadcast.Relate(node, c, told);
        foreach (string output in node.Output)
        {
            c.Set(output, result);
        }
    }

    public void Rewrite(NodeProto node, SurgeryContext s)
    {
        string y = node.Output[0];
        for (int i = 0; i < node.Input.Count; i++)
        {
            string input = node.Input[i];
            if (Yields(s.Index, input, node.Input, s.Dims) && s.LengthAfter(input, 0) != s.LengthAfter(y, s.Rank(y) - 1))
            {
                node.Input[i] = s.AddTensor($"{input}_one", TensorEditor.Take(s.Index.Initializer(input)!, 0, [0]));
            }
        }
    }

    // A vector of one number follows another input in length; where no other is as long, it is the one that makes the output so long.
    private static bool Yields(GraphIndex index, string input, IEnumerable<string> inputs, Func<string, int[]> dims) =>
        UniformParameter.Is(index, input)
        && inputs.Any(other => other.Length > 0 && !UniformParameter.Is(index, other) && dims(other) is [.., var last] && last == dims(input)[0]);
}
