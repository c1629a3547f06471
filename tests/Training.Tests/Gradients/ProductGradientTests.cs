using EdgePrune.TestSupport;

namespace EdgePrune.Training.Tests.Gradients;

public sealed class ProductGradientTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    public void Gradients_of_Gemm_agree_with_differences(int transA, int transB)
    {
        foreach (long[] bias in new long[][] { [4, 6], [6], [4, 1], [] })
        {
            var b = new GraphBuilder();
            string a = b.Input("a", transA == 1 ? [5, 4] : [4, 5]);
            string c = b.Input("b", transB == 1 ? [6, 5] : [5, 6]);
            string y = b.Node("Gemm", [a, c, b.Input("c", bias)], ("transA", transA), ("transB", transB), ("alpha", 0.7f), ("beta", 1.3f));
            GradientCheck.Run(b.Output(y).Build(), 1, step: 0.1f);
        }
    }

    [Theory]
    [InlineData("4,5", "5,6")]
    [InlineData("3,4,5", "5,6")]
    [InlineData("2,3,4,5", "5,6")]
    [InlineData("3,4,5", "3,5,6")]
    [InlineData("2,3,4,5", "2,3,5,6")]
    [InlineData("2,1,4,5", "3,5,6")]
    [InlineData("4,5", "3,5,6")]
    [InlineData("5", "5,6")]
    [InlineData("4,5", "5")]
    [InlineData("3,4,5", "5")]
    [InlineData("5", "5")]
    [InlineData("5", "3,5,6")]
    public void Gradients_of_MatMul_agree_with_differences(string left, string right)
    {
        var b = new GraphBuilder();
        string y = b.Node("MatMul", [b.Input("a", Dims(left)), b.Input("b", Dims(right))]);
        GradientCheck.Run(b.Output(y).Build(), 2, step: 0.1f);
    }

    [Theory]
    [InlineData("Softmax", 13, -1)]
    [InlineData("Softmax", 13, 1)]
    [InlineData("Softmax", 11, 1)]
    [InlineData("LogSoftmax", 13, -1)]
    [InlineData("LogSoftmax", 13, 1)]
    [InlineData("LogSoftmax", 11, 2)]
    public void Gradients_of_Softmax_agree_with_differences(string op, int opset, int axis)
    {
        var b = new GraphBuilder(opset);
        string y = b.Node(op, [b.Input("x", 2, 3, 4)], ("axis", axis));
        GradientCheck.Run(b.Output(y).Build(), 3);
    }

    private static long[] Dims(string text) => [.. text.Split(',').Select(long.Parse)];
}
