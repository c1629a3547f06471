using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using EdgePrune.Training.Gradients;

namespace EdgePrune.Training.Tests.Gradients;

public sealed class GradientGraphTests
{
    [Fact]
    public void A_value_that_is_read_several_times_adds_its_gradients()
    {
        var b = new GraphBuilder();
        string x = b.Input("x", 3, 4);
        string y = b.Node("Mul", [x, x]);
        string z = b.Node("Add", [b.Node("Mul", [y, x]), b.Node("Sub", [y, b.Node("Add", [x, y])])]);
        GradientCheck.Run(b.Output(z, y).Build(), 1);
    }

    [Fact]
    public void An_operator_without_a_rule_on_the_path_is_an_error_that_names_it()
    {
        var b = new GraphBuilder();
        string y = b.Node("CumSum", [b.Input("x", 3), b.Initializer(TensorEditor.FromInts("axis", [0], []))]);
        InputException error = Assert.Throws<InputException>(() => Append(b.Output(b.Node("ReduceSum", [y], ("keepdims", 0))).Build(), "x"));
        Assert.Contains("CumSum_", error.Message, StringComparison.Ordinal);
        Assert.Contains("operator CumSum has no gradient rule", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_without_a_rule_beside_the_path_does_not_matter()
    {
        var b = new GraphBuilder();
        string x = b.Input("x", 3);
        string beside = b.Node("CumSum", [b.Input("c", 3), b.Initializer(TensorEditor.FromInts("axis", [0], []))]);
        string after = b.Node("CumSum", [x, "axis"]);
        OnnxModel model = b.Output(b.Node("ReduceSum", [b.Node("Mul", [x, beside])], ("keepdims", 0)), after).Build();
        Assert.Contains("x", Append(model, "x").Keys);
    }

    [Fact]
    public void A_path_that_only_steps_carry_has_no_gradient()
    {
        var b = new GraphBuilder();
        string y = b.Node("Floor", [b.Input("x", 3)]);
        OnnxModel model = b.Output(b.Node("ReduceSum", [y], ("keepdims", 0))).Build();
        Assert.Empty(Append(model, "x"));
    }

    [Fact]
    public void What_does_not_reach_the_loss_is_an_error()
    {
        var b = new GraphBuilder();
        string x = b.Input("x", 3);
        b.Node("Neg", [b.Input("other", 3)]);
        OnnxModel model = b.Output(b.Node("ReduceSum", [x], ("keepdims", 0))).Build();
        InputException error = Assert.Throws<InputException>(() => Append(model, "other"));
        Assert.Contains("nothing of what is to be trained reaches", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_form_that_a_rule_does_not_cover_is_an_error_that_names_the_node()
    {
        var b = new GraphBuilder();
        string starts = b.Node("Identity", [b.Ints(1)]);
        string y = b.Node("Slice", [b.Input("x", 3, 4), starts, b.Ints(2), b.Ints(0)]);
        InputException error = Assert.Throws<InputException>(() => Append(b.Output(b.Node("ReduceSum", [y], ("keepdims", 0))).Build(), "x"));
        Assert.Contains("Slice_", error.Message, StringComparison.Ordinal);
        Assert.Contains("its starts are computed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_the_model_are_left_alone()
    {
        // Values that are called as the writer would call its own.
        var b = new GraphBuilder();
        string x = b.Input("step/Mul.0.1", 3);
        string y = b.Node("Mul", [x, b.Weights("step/constant.0", [3])]);
        GradientCheck.Run(b.Output(y).Build(), 2);
    }

    private static IReadOnlyDictionary<string, string> Append(OnnxModel model, string wanted)
    {
        ModelProto proto = model.Proto.Clone();
        var writer = new GraphWriter(proto.Graph, model.Opset);
        return GradientGraph.Append(writer, [.. proto.Graph.Node], ShapeProbe.Run(model), proto.Graph.Output[0].Name, [wanted], "the model");
    }
}
