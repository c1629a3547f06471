using EdgePrune.TestSupport;

namespace EdgePrune.Training.Tests.Gradients;

public sealed class NormalizationGradientTests
{
    [Theory]
    [InlineData(9)]
    [InlineData(17)]
    public void Gradients_of_frozen_BatchNormalization_agree_with_differences(int opset)
    {
        var b = new GraphBuilder(opset);
        string scale = b.Weights(4);
        string bias = b.Weights(4);
        string y = b.Node("BatchNormalization", [b.Input("x", 3, 4, 5), scale, bias, b.Weights(4), b.Positive(4)]);
        GradientCheck.Run(b.Output(y).Build(), 1, only: ["x", scale, bias]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(2)]
    public void Gradients_of_LayerNormalization_agree_with_differences(int axis)
    {
        var b = new GraphBuilder();
        long[] dims = [2, 3, 6];
        long[] inner = axis == 1 ? [3, 6] : [6];
        string y = b.Node("LayerNormalization", [b.Input("x", dims), b.Weights("s", inner), b.Weights("t", inner)], ("axis", axis), ("epsilon", 1e-3f));
        GradientCheck.Run(b.Output(y).Build(), 2, step: 0.005f);
    }

    [Fact]
    public void Gradients_of_InstanceNormalization_agree_with_differences()
    {
        var b = new GraphBuilder();
        string y = b.Node("InstanceNormalization", [b.Input("x", 2, 3, 4, 5), b.Weights(3), b.Weights(3)], ("epsilon", 1e-3f));
        GradientCheck.Run(b.Output(y).Build(), 3, step: 0.005f);
    }

    [Theory]
    [InlineData(18, 2)]
    [InlineData(21, 6)]
    public void Gradients_of_GroupNormalization_agree_with_differences(int opset, int factors)
    {
        var b = new GraphBuilder(opset, irVersion: opset == 18 ? 8 : 10);
        string y = b.Node("GroupNormalization", [b.Input("x", 2, 6, 4), b.Weights(factors), b.Weights(factors)], ("num_groups", 2), ("epsilon", 1e-3f));
        GradientCheck.Run(b.Output(y).Build(), 4, step: 0.005f);
    }
}
