using EdgePrune.Onnx;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using EdgePrune.Training.Initialization;

namespace EdgePrune.Training.Tests.Loop;

/// <summary>Real digits and a network that learns them in a second or two.</summary>
internal static class Digits
{
    public static string Sample(string name) => Path.Combine(Repository.Root, "samples", "digits", name);

    public static Dataset Load(int count) => Dataset.Load(Sample("train.npz")).Take(count);

    public static OnnxModel Network(int seed = 0, int width = 8, bool dropout = false)
    {
        var b = new GraphBuilder();
        string x = b.Node("Conv", [b.Input("x", -1, 1, 8, 8), b.Weights(width, 1, 3, 3)], ("strides", new long[] { 2, 2 }));
        x = b.Relu(b.BatchNorm(x, width));
        x = b.Node("Flatten", [x]);
        if (dropout)
        {
            x = b.Node("Dropout", [x]);
        }

        return ParameterInitializer.Draw(b.Output(b.Linear(x, width * 9, 10)).Build(), seed);
    }
}
