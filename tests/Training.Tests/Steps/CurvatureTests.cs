using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using EdgePrune.Training.Steps;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Tests.Steps;

/// <summary>The Hessian's diagonal against second differences of the loss.</summary>
public sealed class CurvatureTests
{
    public static TheoryData<string> Networks => ["dense", "batch statistics", "frozen statistics", "attention", "pool"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Each_second_derivative_agrees_with_second_differences(string name)
    {
        OnnxModel model = Network(name);
        var options = new TrainingOptions { BatchSize = 5, FreezeNormalization = name == "frozen statistics" };
        string[] tensors = [.. ForwardGraph.Make(model, options).Parameters];
        Dictionary<string, float[]> weights = tensors.ToDictionary(t => t, t => TensorReader.ToFloats(model.Graph.Initializer.First(i => i.Name == t)));
        SliceGroup[] groups = [.. tensors.Select(t => Whole(model, t))];
        using CurvatureEvaluator evaluator = CurvatureEvaluator.Create(model, groups, options);
        using NamedValues batch = Batches.Random(evaluator.Inputs, 4, 3);
        using var loss = new LossOf(model, options, batch);
        var exact = new List<(double Expected, double Found, string Where)>();
        for (int t = 0; t < tensors.Length; t++)
        {
            float[] w = weights[tensors[t]];
            for (int i = 0; i < w.Length; i++)
            {
                // Along a unit vector the estimate is the element itself.
                UnitCurvature along = evaluator.Evaluate(batch, (tensor, z) => z[i % z.Length] = tensor == tensors[t] ? 1 : 0);
                exact.Add((loss.SecondDifference(tensors[t], i), along.Diagonal[t], $"{tensors[t]}[{i}]"));
                Assert.Equal(0.5 * w[i] * w[i] * along.Diagonal[t], along.Saliency[t], 1e-4 * Math.Max(1, Math.Abs(along.Saliency[t])));
            }
        }

        double largest = exact.Max(e => Math.Abs(e.Expected));
        Assert.True(largest > 0.05);
        Assert.All(exact, e => Assert.True(Math.Abs(e.Expected - e.Found) <= 0.01 * largest, $"{e.Where}: {e.Found}, second difference {e.Expected}, largest {largest}"));
    }

    [Fact]
    public void Probes_of_random_signs_have_the_diagonal_as_their_mean()
    {
        OnnxModel model = Network("dense");
        var options = new TrainingOptions { BatchSize = 5 };
        SliceGroup[] groups = [.. Enumerable.Range(0, 4).Select(u => new SliceGroup([new TensorSlice("w0", 0, [u]), new TensorSlice("w1", 0, [u])]))];
        using CurvatureEvaluator evaluator = CurvatureEvaluator.Create(model, groups, options);
        using NamedValues batch = Batches.Random(evaluator.Inputs, 4, 3);
        using var loss = new LossOf(model, options, batch);
        double[] expected = [.. Enumerable.Range(0, 4).Select(u =>
            Enumerable.Range(u * 3, 3).Sum(i => loss.SecondDifference("w0", i)) + loss.SecondDifference("w1", u))];
        UnitCurvature[] probes = [.. Enumerable.Range(0, 400).Select(p => evaluator.Evaluate(batch, p))];
        Assert.Equal(probes[7].Diagonal, evaluator.Evaluate(batch, 7).Diagonal);
        Assert.NotEqual(probes[7].Diagonal, probes[8].Diagonal);
        for (int u = 0; u < 4; u++)
        {
            double mean = probes.Average(p => p.Diagonal[u]);
            double error = Math.Sqrt(probes.Average(p => Math.Pow(p.Diagonal[u] - mean, 2)) / probes.Length);
            Assert.True(Math.Abs(mean - expected[u]) <= (4 * error) + 1e-3, $"unit {u}: mean {mean} ± {error}, second differences {expected[u]}");
        }
    }

    [Fact]
    public void What_cannot_be_differentiated_twice_is_an_error_that_names_it()
    {
        var b = new GraphBuilder();
        string table = b.Weights("table", [1 << 15, 3]);
        string rows = b.Node("Gather", [table, b.IntInput("ids", TensorProto.Types.DataType.Int64, 1, 40)]);
        OnnxModel model = b.Output(b.Node("ReduceMean", [rows], ("axes", new long[] { 1 }), ("keepdims", 0))).Build();
        InputException error = Assert.Throws<InputException>(() =>
            CurvatureEvaluator.Create(model, [new SliceGroup([new TensorSlice(table, 0, [0])])], new TrainingOptions { BatchSize = 2 }));
        Assert.Contains("operator ScatterElements has no gradient rule", error.Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => CurvatureEvaluator.Create(model, [], new TrainingOptions()));
    }

    private static SliceGroup Whole(OnnxModel model, string tensor)
    {
        int length = (int)model.Graph.Initializer.First(i => i.Name == tensor).Dims[0];
        return new SliceGroup([new TensorSlice(tensor, 0, [.. Enumerable.Range(0, length)])]);
    }

    private static OnnxModel Network(string name)
    {
        var b = new GraphBuilder(seed: 5);
        switch (name)
        {
            case "dense":
                return b.Output(b.Linear(b.Node("Tanh", [b.Linear(b.Input("x", 1, 3), 3, 4)]), 4, 3)).Build();
            case "attention":
                string x = b.Node("LayerNormalization", [b.Input("x", 1, 4, 3), b.Weights(3), b.Weights(3)], ("axis", -1), ("epsilon", 1e-2f));
                string scores = b.Node("MatMul", [b.Node("MatMul", [x, b.Weights(3, 3)]), b.Node("Transpose", [x], ("perm", new long[] { 0, 2, 1 }))]);
                string mixed = b.Node("MatMul", [b.Node("Softmax", [scores], ("axis", -1)), x]);
                return b.Output(b.Node("MatMul", [b.Node("ReduceMean", [mixed], ("axes", new long[] { 1 }), ("keepdims", 0)), b.Weights(3, 3)])).Build();
            case "pool":
                // One weight a channel: whatever it is, the same position stays the largest of its window.
                string z = b.Node("MaxPool", [b.Node("Tanh", [b.Conv(b.Input("x", 1, 1, 6, 6), 1, 2, kernel: 1)])], ("kernel_shape", new long[] { 3, 3 }), ("strides", new long[] { 3, 3 }));
                return b.Output(b.Linear(b.Node("Flatten", [z]), 8, 3)).Build();
            default:
                string y = b.BatchNorm(b.Conv(b.Input("x", 1, 2, 4, 5), 2, 3), 3);
                string pooled = b.Node("GlobalAveragePool", [b.Conv(b.Node("Sigmoid", [y]), 3, 3, group: 3)]);
                return b.Output(b.Linear(b.Node("Flatten", [pooled]), 3, 3)).Build();
        }
    }

    /// <summary>The loss as a function of the parameters.</summary>
    private sealed class LossOf : IDisposable
    {
        // Rounding is worst where the step is small, curvature of the fourth order where it is large.
        private const float Step = 0.08f;
        private readonly ModelSession session;
        private readonly string loss;
        private readonly Dictionary<string, float[]> parameters = [];
        private readonly Dictionary<string, OrtValue> feed;

        public LossOf(OnnxModel model, TrainingOptions options, NamedValues batch)
        {
            ForwardGraph forward = ForwardGraph.Make(model, options);
            loss = forward.Loss;
            feed = batch.ToDictionary(v => v.Key, v => v.Value);
            GraphProto graph = forward.Proto.Graph;
            foreach (string name in forward.Parameters)
            {
                TensorProto tensor = forward.Initializer(name);
                long[] dims = forward.Dims(name);
                parameters[name] = TensorReader.ToFloats(tensor);
                feed[name] = OrtValue.CreateTensorValueFromMemory(parameters[name], dims);
                graph.Initializer.Remove(tensor);
                graph.Input.Add(new StepInput(name, TensorProto.Types.DataType.Float, dims).Declare());
            }

            graph.Output.Clear();
            graph.Output.Add(new ValueInfoProto { Name = loss });
            session = ModelSession.Create(forward.Proto.ToByteArray(), "loss");
        }

        // Five points: the error is of the fourth order in the step.
        public double SecondDifference(string parameter, int at)
        {
            double near = At(parameter, at, Step) + At(parameter, at, -Step);
            double far = At(parameter, at, 2 * Step) + At(parameter, at, -2 * Step);
            return ((16 * near) - far - (30 * At(parameter, at, 0))) / (12 * Step * Step);
        }

        public void Dispose()
        {
            foreach (string name in parameters.Keys)
            {
                feed[name].Dispose();
            }

            session.Dispose();
        }

        private double At(string parameter, int at, float move)
        {
            float[] values = parameters[parameter];
            float kept = values[at];
            values[at] = kept + move;
            using NamedValues results = session.Run(feed);
            values[at] = kept;
            return BatchValues.Scalar(results[loss]);
        }
    }
}
