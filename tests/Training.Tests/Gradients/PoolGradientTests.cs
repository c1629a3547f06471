using EdgePrune.TestSupport;

namespace EdgePrune.Training.Tests.Gradients;

public sealed class PoolGradientTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Gradients_of_pooling_of_any_form_agree_with_differences(int seed)
    {
        var random = new Random(seed);
        bool max = seed % 2 == 0;
        int rank = seed % 5 == 0 ? 1 : 2;
        long[] kernel = [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(1, 4))];
        long[] strides = seed % 3 == 0 ? kernel : [.. Enumerable.Range(0, rank).Select(_ => (long)random.Next(1, 4))];
        long[] input = [.. kernel.Select(k => (2 * k) + random.Next(0, 4))];
        var b = new GraphBuilder(seed: seed);
        var attributes = new List<(string, object)> { ("kernel_shape", kernel), ("strides", strides) };
        switch (random.Next(4))
        {
            case 0:
                attributes.Add(("auto_pad", random.Next(2) == 0 ? "SAME_UPPER" : "SAME_LOWER"));
                break;
            case 1:
                attributes.Add(("pads", Enumerable.Repeat(kernel.Select(k => (k - 1) / 2), 2).SelectMany(p => p).ToArray()));
                break;
            case 2:
                attributes.Add(("ceil_mode", 1));
                break;
            default:
                break;
        }

        if (!max)
        {
            attributes.Add(("count_include_pad", random.Next(2)));
        }

        string y = b.Node(max ? "MaxPool" : "AveragePool", [b.Input("x", [2, 2, .. input])], [.. attributes]);
        GradientCheck.Run(b.Output(y).Build(), seed, GradientCheck.Distinct);
    }

    [Fact]
    public void Gradients_of_MaxPool_with_dilations_agree_with_differences()
    {
        var b = new GraphBuilder();
        string y = b.Node("MaxPool", [b.Input("x", 1, 2, 9, 8)], ("kernel_shape", new long[] { 3, 2 }), ("dilations", new long[] { 2, 3 }), ("strides", new long[] { 1, 2 }));
        GradientCheck.Run(b.Output(y).Build(), 1, GradientCheck.Distinct);
    }

    [Fact]
    public void Gradients_of_MaxUnpool_agree_with_differences()
    {
        var b = new GraphBuilder();
        string[] pooled = b.Nodes("MaxPool", [b.Input("x", 2, 3, 6, 4)], 2, ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
        string y = b.Node("MaxUnpool", [b.Node("Mul", [pooled[0], pooled[0]]), pooled[1]], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 }));
        GradientCheck.Run(b.Output(y).Build(), 5, GradientCheck.Distinct);
    }

    [Theory]
    [InlineData("GlobalAveragePool")]
    [InlineData("GlobalMaxPool")]
    public void Gradients_of_global_pooling_agree_with_differences(string op)
    {
        var b = new GraphBuilder();
        string y = b.Node(op, [b.Input("x", 2, 3, 4, 5)]);
        GradientCheck.Run(b.Output(y).Build(), 2, GradientCheck.Distinct);
    }

    public static TheoryData<string, int> Reductions
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string op in new[] { "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceL1", "ReduceL2", "ReduceLogSumExp" })
            {
                data.Add(op, 0);
                data.Add(op, 1);
                data.Add(op, 2);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Reductions))]
    public void Gradients_of_reductions_agree_with_differences(string op, int form)
    {
        var b = new GraphBuilder(op == "ReduceSum" ? 11 : 13);
        string x = b.Input("x", 2, 3, 4);
        string y = form switch
        {
            0 => b.Node(op, [x], ("axes", new long[] { 1, -1 }), ("keepdims", 1)),
            1 => b.Node(op, [x], ("axes", new long[] { 0 }), ("keepdims", 0)),
            _ => b.Node(op, [x], ("keepdims", 0)),
        };
        GradientCheck.Run(b.Output(y).Build(), 3, (dims, random) => [.. GradientCheck.Distinct(dims, random).Select(v => v + 0.025f)]);
    }

    [Theory]
    [InlineData("ReduceSum", 13)]
    [InlineData("ReduceMax", 18)]
    public void Reductions_with_axes_as_input_are_differentiated(string op, int opset)
    {
        var b = new GraphBuilder(opset);
        string y = b.Node(op, [b.Input("x", 2, 3, 4), b.Ints(1, 2)]);
        GradientCheck.Run(b.Output(y).Build(), 4, GradientCheck.Distinct);
    }
}
