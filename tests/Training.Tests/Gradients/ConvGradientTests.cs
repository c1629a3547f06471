using EdgePrune.TestSupport;

namespace EdgePrune.Training.Tests.Gradients;

public sealed class ConvGradientTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Gradients_of_a_convolution_of_any_form_agree_with_differences(int seed)
    {
        var random = new Random(seed);
        int rank = seed % 4 == 0 ? 1 : 2;
        int groups = random.Next(3) switch { 0 => 1, 1 => 2, _ => 3 };
        int channels = groups * (seed % 3 == 0 ? 1 : random.Next(1, 3));
        int filters = groups * (seed % 3 == 0 ? 1 : random.Next(1, 3));
        long[] kernel = Draw(random, rank, 1, 4);
        (string, object) padding = Padding(random, rank);
        // The runtime pads "the same" only without dilations.
        long[] dilations = padding.Item2 is string form && form != "VALID" ? Draw(random, rank, 1, 2) : Draw(random, rank, 1, 3);
        long[] strides = seed % 2 == 0 ? Draw(random, rank, 1, 2) : Draw(random, rank, 1, 4);
        long[] input = [.. kernel.Zip(dilations).Select(k => (k.Second * (k.First - 1)) + random.Next(2, 7))];
        // Some in an opset whose Slice has no steps.
        var b = new GraphBuilder(seed % 5 == 0 ? 9 : 17, seed);
        string x = b.Input("x", [2, channels, .. input]);
        string w = b.Weights([filters, channels / groups, .. kernel]);
        string[] bias = random.Next(4) == 0 ? [] : [b.Weights(filters)];
        string y = b.Node("Conv", [x, w, .. bias], ("group", groups), ("strides", strides), ("dilations", dilations), padding);
        GradientCheck.Run(b.Output(y).Build(), seed, step: 0.1f);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Gradients_of_a_transposed_convolution_of_any_form_agree_with_differences(int seed)
    {
        var random = new Random(seed);
        int rank = seed % 4 == 0 ? 1 : 2;
        int groups = random.Next(1, 3);
        int channels = groups * random.Next(1, 3);
        int filters = groups * random.Next(1, 3);
        long[] kernel = Draw(random, rank, 2, 4);
        long[] strides = Draw(random, rank, 1, 4);
        long[] dilations = Draw(random, rank, 1, 3);
        var b = new GraphBuilder(seed: seed);
        string x = b.Input("x", [2, channels, .. Draw(random, rank, 3, 6)]);
        string w = b.Weights([channels, filters / groups, .. kernel]);
        (string, object)[] extra = random.Next(3) switch
        {
            0 => [("output_padding", strides.Select(s => s - 1).ToArray())],
            1 => [("auto_pad", random.Next(2) == 0 ? "SAME_UPPER" : "SAME_LOWER")],
            _ => [("pads", Draw(random, 2 * rank, 0, 2))],
        };
        string y = b.Node("ConvTranspose", [x, w, b.Weights(filters)], [("group", groups), ("strides", strides), ("dilations", dilations), .. extra]);
        GradientCheck.Run(b.Output(y).Build(), seed, step: 0.1f);
    }

    private static (string, object) Padding(Random random, int rank) => random.Next(5) switch
    {
        0 => ("auto_pad", "SAME_UPPER"),
        1 => ("auto_pad", "SAME_LOWER"),
        2 => ("auto_pad", "VALID"),
        _ => ("pads", Draw(random, 2 * rank, 0, 3)),
    };

    private static long[] Draw(Random random, int count, int from, int to) => [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(from, to))];
}
