using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Optimizers;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Tests.Steps;

/// <summary>Whole networks against PyTorch; Reference/README.md says how its numbers were made.</summary>
public sealed class ReferenceTests
{
    private const double Tolerance = 1e-3;
    private const double Rounding = 1e-4;

    [Theory]
    [InlineData("cifar10/resnet20_cifar10.onnx", "resnet20.json")]
    [InlineData("kws/kws_dscnn.onnx", "kws.json")]
    public void Gradients_of_convolutional_networks_are_those_of_PyTorch(string model, string reference) =>
        Compare(OnnxModel.Load(SharedData.Require(model)), reference);

    [Fact]
    public void Gradients_of_a_transformer_encoder_are_those_of_PyTorch() =>
        Compare(OnnxModel.Load(Reference("encoder.onnx")), "encoder.json");

    [Fact]
    public void The_first_fifty_steps_follow_the_loss_of_PyTorch()
    {
        OnnxModel model = OnnxModel.Load(SharedData.Require("cifar10/resnet20_cifar10.onnx"));
        string data = SharedData.Require("cifar10/train_15000.npz");
        double[] expected = JsonSerializer.Deserialize<double[]>(File.ReadAllText(Reference("resnet20-curve.json")))!;
        Assert.Equal(50, expected.Length);
        Dataset images = Dataset.Load(data);
        var options = new TrainingOptions { Optimizer = new Sgd { Momentum = 0.9, WeightDecay = 1e-4 } };
        using TrainingStep step = TrainingStep.Create(model, options, new SessionSettings { Threads = 2 });
        for (int i = 0; i < expected.Length; i++)
        {
            Dataset part = images.Subset(Enumerable.Range(i * 64, 64).Select(n => n * 7919 % 15000));
            using DatasetBatch batch = part.Batch(0, 64, [new ModelInput("input", TensorElementType.Float, [64, 3, 32, 32])]);
            using OrtValue labels = OrtValue.CreateTensorValueFromMemory(batch.Labels!.ToArray(), [64]);
            double loss = step.Run(new Dictionary<string, OrtValue>(batch.Values) { ["labels"] = labels }, 0.001);
            Assert.True(Math.Abs(loss - expected[i]) <= 0.01 * expected[i], $"step {i}: loss {loss}, PyTorch {expected[i]}");
        }
    }

    private static void Compare(OnnxModel model, string reference)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Reference(reference)));
        var options = new TrainingOptions { BatchSize = 16 };
        ForwardGraph forward = ForwardGraph.Make(model, options);
        IReadOnlyDictionary<string, string> gradients = forward.Differentiate(forward.Parameters);
        forward.Proto.Graph.Output.Clear();
        forward.Proto.Graph.Output.Add(gradients.Values.Append(forward.Loss).Select(v => new ValueInfoProto { Name = v }));
        using ModelSession session = ModelSession.Create(Google.Protobuf.MessageExtensions.ToByteArray(forward.Proto), reference);
        using NamedValues batch = Batch(forward.Inputs);
        using NamedValues values = session.Run(batch);
        JsonElement root = document.RootElement;
        double loss = root.GetProperty("loss").GetDouble();
        Assert.Equal(loss, BatchValues.Scalar(values[forward.Loss]), Tolerance * loss);
        JsonElement expected = root.GetProperty("gradients");
        Assert.Equal(expected.EnumerateObject().Select(e => e.Name).Order(), gradients.Keys.Order());
        double largest = expected.EnumerateObject().Max(e => e.Value.GetProperty("norm").GetDouble());
        foreach (JsonProperty tensor in expected.EnumerateObject())
        {
            float[] gradient = values[gradients[tensor.Name]].GetTensorDataAsSpan<float>().ToArray();
            double norm = tensor.Value.GetProperty("norm").GetDouble();
            double own = Math.Sqrt(gradient.Sum(g => (double)g * g));
            Assert.Equal(tensor.Value.GetProperty("count").GetInt32(), gradient.Length);
            if (norm < Rounding * largest)
            {
                // A bias before BatchNormalization has no gradient; what is left is rounding.
                Assert.True(own < Rounding * largest, $"{tensor.Name}: norm {own}, PyTorch {norm}");
                continue;
            }

            Assert.True(Math.Abs(norm - own) <= Tolerance * norm, $"{tensor.Name}: norm {own}, PyTorch {norm}");
            double[] samples = [.. tensor.Value.GetProperty("values").EnumerateArray().Select(v => v.GetDouble())];
            double distance = Math.Sqrt(samples.Select((s, k) => Math.Pow(s - gradient[Position(k, gradient.Length)], 2)).Sum());
            double length = Math.Max(Math.Sqrt(samples.Sum(s => s * s)), norm * Math.Sqrt((double)samples.Length / gradient.Length));
            Assert.True(distance <= Tolerance * length, $"{tensor.Name}: samples differ by {distance} of {length}");
        }
    }

    private static NamedValues Batch(IReadOnlyList<StepInput> inputs) => new(inputs.Select(input =>
    {
        long[] dims = [.. input.Dims];
        int count = (int)dims.Aggregate(1L, (a, d) => a * d);
        OrtValue value = input.Name switch
        {
            "labels" => OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, count).Select(i => i * 7L % Classes(inputs)).ToArray(), dims),
            "ids" => OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, count).Select(i => ((i * 7919L) + 13) % 50).ToArray(), dims),
            _ => OrtValue.CreateTensorValueFromMemory(Batches.Formula(count), dims),
        };
        return new KeyValuePair<string, OrtValue>(input.Name, value);
    }));

    // The encoder has 6 classes, ResNet-20 10, the keyword network 12.
    private static int Classes(IReadOnlyList<StepInput> inputs) => inputs[0].Name == "ids" ? 6 : inputs[0].Dims[1] == 3 ? 10 : 12;

    private static int Position(int k, int count) => count <= 64 ? k : (int)(k * 2654435761L % (1L << 32) % count);

    private static string Reference(string file) => Path.Combine(Repository.Root, "tests", "Training.Tests", "Reference", file);
}
