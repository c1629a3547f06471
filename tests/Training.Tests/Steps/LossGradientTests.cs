using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Losses;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Tests.Steps;

/// <summary>Gradients of whole losses, BatchNormalization in training and regularisers against differences of the loss.</summary>
public sealed class LossGradientTests
{
    public static TheoryData<string> Losses => ["plain", "smooth", "weighted", "distribution", "softmax", "logsoftmax", "mse", "bce", "sigmoid", "distillation", "positions", "features", "lasso"];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Gradients_of_losses_agree_with_differences(string name)
    {
        var b = new GraphBuilder(seed: 3);
        string hidden = b.Relu(b.Linear(b.Input("x", 1, 6), 6, 5));
        string logits = b.Linear(hidden, 5, 4);
        string positions = b.Node("Reshape", [logits, b.Ints(0, 2, 2)]);
        string output = name switch
        {
            "positions" => positions,
            "softmax" => b.Node("Softmax", [logits], ("axis", -1)),
            "logsoftmax" => b.Node("LogSoftmax", [logits], ("axis", -1)),
            "sigmoid" => b.Node("Sigmoid", [logits]),
            _ => logits,
        };
        ILoss[] losses = name switch
        {
            "smooth" => [new CrossEntropy { LabelSmoothing = 0.1 }],
            "weighted" => [new CrossEntropy { LabelSmoothing = 0.2, ClassWeights = [1, 2, 0.5, 3] }],
            "distribution" => [new CrossEntropy { Distributions = true }],
            "mse" => [new MeanSquaredError { Weight = 2 }],
            "bce" or "sigmoid" => [new BinaryCrossEntropy()],
            "distillation" => [new Distillation { Temperature = 3, Weight = 0.7 }, new CrossEntropy { Weight = 0.3 }],
            // What comes of outputs that are learnt without labels: scores at positions, the classes last.
            "positions" => [new Distillation { Value = positions, Teacher = "scores", ClassAxis = 2, Temperature = 1, Weight = 0.5 }, new MeanSquaredError { Value = hidden, Targets = "hidden", Weight = 0.5 }],
            "features" => [new MeanSquaredError { Value = hidden, Targets = "hidden" }, new CrossEntropy()],
            _ => [new CrossEntropy()],
        };
        OnnxModel model = b.Output(output).Build();
        var groups = new Regularizers
        {
            L1 = 0.01,
            L2 = 0.02,
            GroupLasso = 0.05,
            Groups = [.. Enumerable.Range(0, 5).Select(u => new SliceGroup([new TensorSlice("w0", 0, [u]), new TensorSlice("w1", 0, [u]), new TensorSlice("w4", 1, [u])]))],
        };
        Check(model, new TrainingOptions { BatchSize = 5, Losses = losses, Regularizers = name == "lasso" ? groups : new() }, 4);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_through_BatchNormalization_agree_with_differences(bool frozen)
    {
        var b = new GraphBuilder(seed: 5);
        string x = b.Conv(b.Input("x", 1, 2, 6, 5), 2, 3);
        string y = b.Node("Sigmoid", [b.BatchNorm(x, 3)]);
        string z = b.BatchNorm(b.Conv(y, 3, 3, group: 3), 3);
        string pooled = b.Node("Flatten", [b.Node("GlobalAveragePool", [b.Node("Mul", [z, z])])]);
        OnnxModel model = b.Output(b.Linear(pooled, 3, 4)).Build();
        Check(model, new TrainingOptions { BatchSize = 4, FreezeNormalization = frozen }, 4);
    }

    /// <summary>Every element of every parameter.</summary>
    private static void Check(OnnxModel model, TrainingOptions options, int classes)
    {
        const float Step = 0.01f;
        ForwardGraph forward = ForwardGraph.Make(model, options);
        IReadOnlyDictionary<string, string> gradients = forward.Differentiate(forward.Parameters);
        GraphProto graph = forward.Proto.Graph;
        var parameters = forward.Parameters.ToDictionary(p => p, p => TensorReader.ToFloats(forward.Initializer(p)));
        var dims = forward.Parameters.ToDictionary(p => p, forward.Dims);
        foreach (string parameter in forward.Parameters)
        {
            graph.Initializer.Remove(forward.Initializer(parameter));
            graph.Input.Add(new StepInput(parameter, TensorProto.Types.DataType.Float, dims[parameter]).Declare());
        }

        graph.Output.Clear();
        graph.Output.Add(gradients.Values.Append(forward.Loss).Distinct().Select(g => new ValueInfoProto { Name = g }));
        using ModelSession session = ModelSession.Create(forward.Proto.ToByteArray(), "loss");
        using NamedValues batch = Batches.Random(forward.Inputs, 9, classes);
        Dictionary<string, OrtValue> feed = batch.ToDictionary(v => v.Key, v => v.Value);
        foreach ((string name, float[] value) in parameters)
        {
            feed[name] = OrtValue.CreateTensorValueFromMemory(value, dims[name]);
        }

        using NamedValues results = session.Run(feed);
        double Loss()
        {
            using NamedValues values = session.Run(feed, [forward.Loss]);
            return BatchValues.Scalar(values[forward.Loss]);
        }

        double largest = gradients.Values.Max(g => results[g].GetTensorDataAsSpan<float>().ToArray().Max(Math.Abs));
        Assert.True(largest > 0.01);
        foreach ((string name, float[] value) in parameters)
        {
            float[] gradient = results[gradients[name]].GetTensorDataAsSpan<float>().ToArray();
            for (int i = 0; i < value.Length; i++)
            {
                float kept = value[i];
                value[i] = kept + Step;
                double above = Loss();
                value[i] = kept - Step;
                double difference = (above - Loss()) / (2 * Step);
                value[i] = kept;
                Assert.True(Math.Abs(difference - gradient[i]) <= 1e-3 * largest, $"{name}[{i}]: gradient {gradient[i]}, differences {difference}, largest {largest}");
            }
        }
    }
}
