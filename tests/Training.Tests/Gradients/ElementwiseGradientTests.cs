using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;

namespace EdgePrune.Training.Tests.Gradients;

public sealed class ElementwiseGradientTests
{
    public static TheoryData<string, int> Functions => new()
    {
        { "Relu", 13 }, { "Sigmoid", 13 }, { "Tanh", 13 }, { "Erf", 13 }, { "Softplus", 13 }, { "Softsign", 13 }, { "Exp", 13 }, { "Neg", 13 },
        { "Abs", 13 }, { "Sin", 13 }, { "Cos", 13 }, { "HardSigmoid", 13 }, { "HardSwish", 14 }, { "Mish", 18 }, { "Selu", 13 }, { "Elu", 13 },
        { "Celu", 13 }, { "LeakyRelu", 13 }, { "ThresholdedRelu", 13 }, { "Gelu", 20 }, { "Identity", 13 }, { "Relu", 9 },
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public void Gradients_of_functions_agree_with_differences(string op, int opset)
    {
        var b = new GraphBuilder(opset);
        string y = b.Node(op, [b.Input("x", 2, 5, 7)]);
        GradientCheck.Run(b.Output(y).Build(), 1, (dims, random) => [.. GradientCheck.Smooth(dims, random).Select(v => v * 2)], 0.005f);
    }

    [Theory]
    [InlineData("Log")]
    [InlineData("Sqrt")]
    [InlineData("Reciprocal")]
    public void Gradients_of_functions_of_positive_numbers_agree_with_differences(string op)
    {
        var b = new GraphBuilder();
        string y = b.Node(op, [b.Input("x", 2, 5, 7)]);
        GradientCheck.Run(b.Output(y).Build(), 1, GradientCheck.Positive);
    }

    [Theory]
    [InlineData("Elu", 0.7f)]
    [InlineData("Celu", 0.6f)]
    [InlineData("LeakyRelu", 0.3f)]
    [InlineData("ThresholdedRelu", 0.5f)]
    [InlineData("HardSigmoid", 0.3f)]
    public void Alpha_is_heeded(string op, float alpha)
    {
        var b = new GraphBuilder();
        string y = b.Node(op, [b.Input("x", 3, 11)], ("alpha", alpha));
        GradientCheck.Run(b.Output(y).Build(), 2, step: 0.005f);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("tanh")]
    public void Both_forms_of_Gelu_agree_with_differences(string form)
    {
        var b = new GraphBuilder(20, irVersion: 9);
        string y = b.Node("Gelu", [b.Input("x", 3, 11)], ("approximate", form));
        GradientCheck.Run(b.Output(y).Build(), 3);
    }

    [Fact]
    public void Clip_passes_the_gradient_between_its_bounds()
    {
        var b = new GraphBuilder();
        string low = b.Initializer(TensorEditor.FromFloats("low", [-1], []));
        string high = b.Initializer(TensorEditor.FromFloats("high", [0.5f], []));
        string y = b.Node("Clip", [b.Input("x", 3, 11), low, high]);
        GradientCheck.Run(b.Output(y).Build(), 4, only: ["x"]);
    }

    [Fact]
    public void Clip_with_bounds_as_attributes_passes_the_gradient_between_them()
    {
        var b = new GraphBuilder(9);
        string y = b.Node("Clip", [b.Input("x", 3, 11)], ("min", -1f), ("max", 0.5f));
        GradientCheck.Run(b.Output(y).Build(), 4);
    }

    public static TheoryData<string, string, string> Pairs
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (string op in new[] { "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean", "PRelu" })
            {
                foreach ((string a, string b) in new[] { ("2,3,4", "2,3,4"), ("2,3,4", "4"), ("2,3,4", "3,1"), ("2,3,4", "1,3,1"), ("2,1,4", "3,1"), ("3,4", "2,3,4"), ("2,3,4", "1") })
                {
                    if (op != "PRelu" || (a == "2,3,4"))
                    {
                        data.Add(op, a, b);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Gradients_of_two_values_with_broadcasting_agree_with_differences(string op, string left, string right)
    {
        var b = new GraphBuilder();
        string y = b.Node(op, [b.Input("a", Dims(left)), b.Input("b", Dims(right))]);
        Func<long[], Random, float[]> values = op switch
        {
            "Pow" or "Div" => GradientCheck.Positive,
            // The two never come closer than 0.025: they lie on grids apart.
            "Max" or "Min" => Apart(),
            _ => GradientCheck.Smooth,
        };
        GradientCheck.Run(b.Output(y).Build(), 5, values);
    }

    [Fact]
    public void A_constant_exponent_needs_no_logarithm()
    {
        foreach (float exponent in new[] { 1f, 2f, 3f, 0.5f })
        {
            var b = new GraphBuilder();
            string y = b.Node("Pow", [b.Input("x", 3, 5), b.Initializer(TensorEditor.FromFloats("e", [exponent], []))]);
            GradientCheck.Run(b.Output(y).Build(), 6, GradientCheck.Positive, only: ["x"]);
        }
    }

    [Fact]
    public void Where_sends_the_gradient_to_the_value_that_was_taken()
    {
        var b = new GraphBuilder();
        string a = b.Input("a", 3, 5);
        string c = b.Input("c", 5);
        string y = b.Node("Where", [b.Node("Greater", [a, c]), b.Node("Mul", [a, a]), c]);
        GradientCheck.Run(b.Output(y).Build(), 7, Apart());
    }

    [Fact]
    public void A_cast_there_and_back_keeps_the_gradient()
    {
        var b = new GraphBuilder();
        string wide = b.Node("Cast", [b.Input("x", 3, 5)], ("to", 11));
        string y = b.Node("Cast", [b.Node("Mul", [wide, wide])], ("to", 1));
        GradientCheck.Run(b.Output(y).Build(), 8);
    }

    private static Func<long[], Random, float[]> Apart()
    {
        int calls = 0;
        return (dims, random) =>
        {
            float shift = calls++ * 0.05f;
            return [.. GradientCheck.Smooth(dims, random).Select(v => v + shift)];
        };
    }

    private static long[] Dims(string text) => [.. text.Split(',').Select(long.Parse)];
}
