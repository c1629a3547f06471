using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Losses;
using EdgePrune.Training.Steps.Optimizers;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Tests.Steps;

public sealed class TrainingStepTests
{
    public static TheoryData<string> Optimizers => ["sgd", "momentum", "nesterov", "adam", "adamw", "clipped"];

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.0)]
    public void Weights_that_a_penalty_has_made_next_to_nothing_are_zero_in_the_model(double penalty)
    {
        var b = new GraphBuilder();
        b.Initializer(TensorEditor.FromFloats("w", [0.5f, 1e-9f, -1e-39f, 0.25f, -1e-3f, 0], 3, 2));
        OnnxModel model = b.Output(b.Node("MatMul", [b.Input("x", 1, 3), "w"])).Build();
        var options = new TrainingOptions { BatchSize = 1, Losses = [new MeanSquaredError()], Regularizers = new Regularizers { L1 = penalty } };

        using TrainingStep step = TrainingStep.Create(model, options);

        float[] expected = penalty > 0 ? [0.5f, 0, 0, 0.25f, -1e-3f, 0] : [0.5f, 1e-9f, -1e-39f, 0.25f, -1e-3f, 0];
        Assert.Equal(expected, TensorReader.ToFloats(step.ToModel().Graph.Initializer.First(t => t.Name == "w")));
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Optimisers_do_what_PyTorch_defines(string name)
    {
        // The loss (w − t)² has the gradient 2(w − t), so that the update can be followed in double by hand.
        var b = new GraphBuilder();
        b.Initializer(TensorEditor.FromFloats("w", [0.5f, -1.25f, 2f], 3));
        string y = b.Node("Add", [b.Node("Mul", [b.Input("x", 1, 3), b.Initializer(TensorEditor.FromFloats("zero", [0], []))]), "w"]);
        OnnxModel model = b.Output(y).Build();
        Optimizer optimizer = name switch
        {
            "sgd" => new Sgd { Momentum = 0, WeightDecay = 0.1 },
            "nesterov" => new Sgd { Nesterov = true, WeightDecay = 0.1 },
            "adam" => new Adam { WeightDecay = 0.1 },
            "adamw" => new Adam { Decoupled = true, WeightDecay = 0.1 },
            _ => new Sgd { WeightDecay = 0.1 },
        };
        double? limit = name == "clipped" ? 0.5 : null;
        var options = new TrainingOptions { BatchSize = 1, Losses = [new MeanSquaredError()], Optimizer = optimizer, MaxGradientNorm = limit, Parameters = ["w"] };
        using TrainingStep step = TrainingStep.Create(model, options);
        using OrtValue x = OrtValue.CreateTensorValueFromMemory(new float[3], [1, 3]);
        using OrtValue targets = OrtValue.CreateTensorValueFromMemory(new[] { 1f, 1f, 1f }, [1, 3]);
        var batch = new Dictionary<string, OrtValue> { ["x"] = x, ["targets"] = targets };
        double[] w = [0.5, -1.25, 2];
        double[] first = new double[3];
        double[] second = new double[3];
        for (int t = 1; t <= 5; t++)
        {
            double rate = 0.1 / t;
            double[] g = [.. w.Select(v => 2 * (v - 1) / 3)];
            double loss = w.Sum(v => (v - 1) * (v - 1)) / 3;
            double norm = Math.Sqrt(g.Sum(v => v * v));
            Assert.Equal(loss, step.Run(batch, rate), 1e-5);
            if (limit is { } most)
            {
                Assert.Equal(norm, step.GradientNorm!.Value, 1e-5);
                g = [.. g.Select(v => v * Math.Min(1, most / (norm + 1e-6)))];
            }

            for (int i = 0; i < 3; i++)
            {
                double decayed = name == "adamw" ? g[i] : g[i] + (0.1 * w[i]);
                if (name.StartsWith("adam", StringComparison.Ordinal))
                {
                    first[i] = (0.9 * first[i]) + (0.1 * decayed);
                    second[i] = (0.999 * second[i]) + (0.001 * decayed * decayed);
                    double denominator = (Math.Sqrt(second[i]) / Math.Sqrt(1 - Math.Pow(0.999, t))) + 1e-8;
                    w[i] = (name == "adamw" ? w[i] * (1 - (rate * 0.1)) : w[i]) - (rate / (1 - Math.Pow(0.9, t)) * first[i] / denominator);
                }
                else
                {
                    first[i] = name == "sgd" ? decayed : (0.9 * first[i]) + decayed;
                    w[i] -= rate * (name == "nesterov" ? decayed + (0.9 * first[i]) : first[i]);
                }
            }

            float[] now = TensorReader.ToFloats(step.ReadParameters().Single());
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(w[i], now[i], 1e-5);
            }
        }
    }

    [Fact]
    public void Training_lowers_the_loss_and_the_saved_model_answers_as_trained()
    {
        OnnxModel model = Network();
        using TrainingStep step = TrainingStep.Create(model, new TrainingOptions { BatchSize = 16 });
        using NamedValues batch = Batches.Random(step.Inputs, 1, 4);
        double[] losses = [.. Enumerable.Range(0, 60).Select(_ => step.Run(batch, 0.05))];
        Assert.True(losses[^1] < losses[0] / 3, string.Join(' ', losses));
        Assert.Equal(60, step.Steps);

        // Steps of rate zero let the running statistics catch up with the weights; then inference answers as training does, save
        // for the unbiased variance.
        for (int i = 0; i < 150; i++)
        {
            step.Run(batch, 0);
        }

        using ModelSession session = ModelSession.Create(step.ToModel());
        Assert.Equal(["logits"], session.OutputNames);
        using NamedValues after = session.Run(new Dictionary<string, OrtValue> { ["x"] = batch["x"] });
        float[] scores = after["logits"].GetTensorDataAsSpan<float>().ToArray();
        float[] expected = step.Output.GetTensorDataAsSpan<float>().ToArray();
        Assert.All(scores.Zip(expected), s => Assert.Equal(s.Second, s.First, 0.01 * expected.Max(Math.Abs)));
    }

    [Fact]
    public void A_restored_snapshot_goes_on_bit_for_bit()
    {
        OnnxModel model = Network();
        var options = new TrainingOptions { BatchSize = 16, Optimizer = new Adam { Decoupled = true, WeightDecay = 0.01 } };
        using TrainingStep straight = TrainingStep.Create(model, options);
        using NamedValues batch = Batches.Random(straight.Inputs, 1, 4);
        for (int i = 0; i < 5; i++)
        {
            straight.Run(batch, 0.01);
        }

        TrainingSnapshot snapshot = straight.Snapshot();
        double[] expected = [.. Enumerable.Range(0, 5).Select(_ => straight.Run(batch, 0.01))];
        using TrainingStep resumed = TrainingStep.Create(model, options);
        resumed.Run(batch, 0.5);
        resumed.Restore(snapshot);
        Assert.Equal(5, resumed.Steps);
        Assert.Equal(expected, Enumerable.Range(0, 5).Select(_ => resumed.Run(batch, 0.01)));
        Assert.Equal(straight.Snapshot().Tensors.SelectMany(t => t.Value), resumed.Snapshot().Tensors.SelectMany(t => t.Value));
    }

    [Fact]
    public void Running_statistics_move_as_in_PyTorch()
    {
        // Channel values 1, 2, 3, 6 over the batch: mean 3, variance 3.5 (biased), 14/3 (unbiased).
        var b = new GraphBuilder();
        string mean = b.Initializer(TensorEditor.FromFloats("mean", [1], 1));
        string variance = b.Initializer(TensorEditor.FromFloats("variance", [2], 1));
        string y = b.Node("BatchNormalization", [b.Input("x", 1, 1), b.Positive(1), b.Weights(1), mean, variance]);
        OnnxModel model = b.Output(y).Build();
        using TrainingStep step = TrainingStep.Create(model, new TrainingOptions { BatchSize = 4, Losses = [new MeanSquaredError()] });
        using OrtValue x = OrtValue.CreateTensorValueFromMemory(new[] { 1f, 2, 3, 6 }, [4, 1]);
        using OrtValue targets = OrtValue.CreateTensorValueFromMemory(new float[4], [4, 1]);
        step.Run(new Dictionary<string, OrtValue> { ["x"] = x, ["targets"] = targets }, 0.1);
        Dictionary<string, float> values = step.ReadParameters().ToDictionary(t => t.Name, t => TensorReader.ToFloats(t)[0]);
        Assert.Equal((0.9 * 1) + (0.1 * 3), values["mean"], 1e-6);
        Assert.Equal((0.9 * 2) + (0.1 * 14 / 3), values["variance"], 1e-6);
    }

    [Fact]
    public void Frozen_normalisation_keeps_its_statistics()
    {
        using TrainingStep step = TrainingStep.Create(Network(), new TrainingOptions { BatchSize = 16, FreezeNormalization = true });
        using NamedValues batch = Batches.Random(step.Inputs, 1, 4);
        step.Run(batch, 0.1);
        Assert.Equal(step.Parameters, step.ReadParameters().Select(t => t.Name));
    }

    [Fact]
    public void Only_the_chosen_parameters_are_trained()
    {
        OnnxModel model = Network();
        string last = model.Graph.Initializer[^2].Name;
        using TrainingStep step = TrainingStep.Create(model, new TrainingOptions { BatchSize = 16, Parameters = [last], FreezeNormalization = true });
        Assert.Equal([last], step.Parameters);
        InputException error = Assert.Throws<InputException>(() => TrainingStep.Create(model, new TrainingOptions { Parameters = ["nothing"] }));
        Assert.Contains("'nothing'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_does_not_fit_is_an_error_that_says_what_was_expected()
    {
        using TrainingStep step = TrainingStep.Create(Network(), new TrainingOptions { BatchSize = 16 });
        using TrainingStep other = TrainingStep.Create(Network(), new TrainingOptions { BatchSize = 8 });
        using NamedValues small = Batches.Random(other.Inputs, 1, 4);
        InputException error = Assert.Throws<InputException>(() => step.Run(small, 0.1));
        Assert.Contains("[16, 3, 8, 8]", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<InputException>(() => step.Run(new Dictionary<string, OrtValue> { ["x"] = small["x"] }, 0.1));
        using NamedValues wrong = Batches.Random(step.Inputs, 1, 5);
        error = Assert.Throws<InputException>(() => step.Run(wrong, 0.1));
        Assert.Contains("classes 0 to 3", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, step.Steps);
    }

    [Fact]
    public void Gradients_of_groups_are_those_of_their_slices()
    {
        OnnxModel model = Network();
        SliceGroup[] groups =
        [
            new([new TensorSlice("w0", 0, [1]), new TensorSlice("w1", 0, [1])]),
            new([new TensorSlice("w0", 0, [0, 2])]),
            new([new TensorSlice("w0", 1, [2])]),
        ];
        var options = new TrainingOptions { BatchSize = 16, FreezeNormalization = true, Optimizer = new Sgd { Momentum = 0 } };
        using GradientEvaluator evaluator = GradientEvaluator.Create(model, groups, options);
        using TrainingStep step = TrainingStep.Create(model, options);
        using NamedValues batch = Batches.Random(step.Inputs, 1, 4);
        UnitGradients units = evaluator.Evaluate(batch);
        Dictionary<string, float[]> before = step.ReadParameters().ToDictionary(t => t.Name, TensorReader.ToFloats);
        Assert.Equal(step.Run(batch, 1), units.Loss, 1e-5);
        Dictionary<string, float[]> after = step.ReadParameters().ToDictionary(t => t.Name, TensorReader.ToFloats);
        for (int u = 0; u < groups.Length; u++)
        {
            double signed = 0, absolute = 0, squared = 0, fisher = 0;
            foreach (TensorSlice slice in groups[u].Slices)
            {
                // w0 is [4, 3, 3, 3], w1 its bias [4].
                float[] w = before[slice.Tensor];
                int inner = slice.Tensor == "w1" ? 1 : slice.Axis == 0 ? 27 : 9;
                int length = slice.Axis == 0 ? 4 : 3;
                for (int i = 0; i < w.Length; i++)
                {
                    if (slice.Indices.Contains(i / inner % length))
                    {
                        // The step of rate one subtracts the gradient.
                        double g = w[i] - after[slice.Tensor][i];
                        signed += g * w[i];
                        absolute += Math.Abs(g * w[i]);
                        squared += g * w[i] * g * w[i];
                        fisher += g * g;
                    }
                }
            }

            Assert.Equal(signed, units.Signed[u], 1e-4);
            Assert.Equal(absolute, units.Absolute[u], 1e-4);
            Assert.Equal(squared, units.Squared[u], 1e-4);
            Assert.Equal(fisher, units.Fisher[u], 1e-4);
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(17)]
    public void Dropout_drops_its_share_and_the_same_at_the_same_step(int opset)
    {
        var b = new GraphBuilder(opset);
        string x = b.Node("Mul", [b.Input("x", 1, 2000), b.Positive(2000)]);
        string y = opset < 12 ? b.Node("Dropout", [x], ("ratio", 0.25f)) : b.Node("Dropout", [x, b.Initializer(TensorEditor.FromFloats("ratio", [0.25f], []))]);
        OnnxModel model = b.Output(y).Build();
        var options = new TrainingOptions { BatchSize = 4, Losses = [new MeanSquaredError()], Seed = 3 };
        using TrainingStep step = TrainingStep.Create(model, options);
        using TrainingStep again = TrainingStep.Create(model, options);
        using TrainingStep without = TrainingStep.Create(model, options with { Dropout = false });
        using NamedValues batch = Batches.Random(step.Inputs, 1);
        step.Run(batch, 0);
        without.Run(batch, 0);
        float[] first = step.Output.GetTensorDataAsSpan<float>().ToArray();
        float[] whole = without.Output.GetTensorDataAsSpan<float>().ToArray();
        Assert.InRange(first.Count(v => v == 0), 1800, 2200);
        Assert.All(first.Zip(whole), v => Assert.True(v.First == 0 || Math.Abs(v.First - (v.Second / 0.75f)) < 1e-5f));
        step.Run(batch, 0);
        Assert.NotEqual(first, step.Output.GetTensorDataAsSpan<float>().ToArray());
        again.Run(batch, 0);
        Assert.Equal(first, again.Output.GetTensorDataAsSpan<float>().ToArray());
    }

    private static OnnxModel Network()
    {
        var b = new GraphBuilder(seed: 2);
        string x = b.Relu(b.BatchNorm(b.Conv(b.Input("x", 1, 3, 8, 8), 3, 4), 4));
        string y = b.Relu(b.Conv(b.Node("MaxPool", [x], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })), 4, 6));
        string z = b.Node("Flatten", [y]);
        string logits = b.Linear(z, 96, 4);
        OnnxModel model = b.Output(logits).Build();
        model.Graph.Node[^1].Output[0] = "logits";
        model.Graph.Output[0].Name = "logits";
        // The file leaves the batch free.
        model.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimParam = "N";
        return model;
    }
}
