using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.TestSupport;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Losses;
using EdgePrune.Training.Steps.Optimizers;

namespace EdgePrune.Training.Tests.Steps;

public sealed class DivergenceFinderTests
{
    [Fact]
    public void A_step_of_finite_numbers_shows_nothing()
    {
        using TrainingStep step = TrainingStep.Create(Network(), new TrainingOptions { BatchSize = 4 });
        using NamedValues batch = Batches.Random(step.Inputs, 1, 3);
        Assert.Null(DivergenceFinder.Find(step, batch, 0.1));
        double loss = step.Run(batch, 0.1);
        Assert.True(double.IsFinite(loss));
        Assert.Null(DivergenceFinder.Find(step, batch, 0.1));
        Assert.Equal(1, step.Steps);
    }

    [Fact]
    public void A_batch_with_a_NaN_is_named_with_its_position()
    {
        using TrainingStep step = TrainingStep.Create(Network(), new TrainingOptions { BatchSize = 4 });
        using NamedValues batch = Batches.Random(step.Inputs, 1, 3);
        batch["x"].GetTensorMutableDataAsSpan<float>()[70] = float.NaN;
        batch["x"].GetTensorMutableDataAsSpan<float>()[90] = float.NegativeInfinity;
        Assert.True(double.IsNaN(step.Run(batch, 0.1)));
        Divergence found = DivergenceFinder.Find(step, batch, 0.1)!;
        Assert.Equal(new Divergence(StepPart.Batch, "", "x", 1, 1, 4 * 2 * 6 * 6, 70), found);
        Assert.StartsWith("the batch's 'x' holds 1 NaN and 1 infinite among 288", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rate_that_is_too_high_is_seen_where_the_forward_pass_overflows_first()
    {
        // Without normalisation activations of weights of 1e30 overflow in the second layer, where two of them meet.
        using TrainingStep step = TrainingStep.Create(Network(normalise: false), new TrainingOptions { BatchSize = 4, Optimizer = new Sgd { Momentum = 0 } });
        using NamedValues batch = Batches.Random(step.Inputs, 1, 3);
        step.Run(batch, 1e30);
        Assert.Null(DivergenceFinder.Find(step, batch, 1e30));
        Assert.False(double.IsFinite(step.Run(batch, 0.1)));
        Divergence found = DivergenceFinder.Find(step, batch, 0.1)!;
        Assert.Equal((StepPart.Forward, "Conv 'second'"), (found.Part, found.Layer));
        Assert.Contains("from Conv 'second' on", found.ToString(), StringComparison.Ordinal);

        // A step further the damage has reached the parameters.
        step.Run(batch, 0.1);
        found = DivergenceFinder.Find(step, batch, 0.1)!;
        Assert.Equal(StepPart.Parameter, found.Part);
        Assert.Contains("Conv '", found.Layer, StringComparison.Ordinal);
    }

    [Fact]
    public void What_overflows_inside_a_normalisation_is_that_layers()
    {
        using TrainingStep step = TrainingStep.Create(Network(), new TrainingOptions { BatchSize = 4 });
        using NamedValues batch = Batches.Random(step.Inputs, 1, 3);
        Span<float> x = batch["x"].GetTensorMutableDataAsSpan<float>();
        for (int i = 0; i < x.Length; i++)
        {
            x[i] *= 1e25f;
        }

        step.Run(batch, 0.1);
        Divergence found = DivergenceFinder.Find(step, batch, 0.1)!;
        Assert.Equal((StepPart.Forward, "BatchNormalization 'norm'"), (found.Part, found.Layer));
    }

    [Fact]
    public void A_gradient_that_is_not_finite_where_the_loss_is_names_the_layer()
    {
        // The root of zero: 0 forward, infinite backward.
        var b = new GraphBuilder();
        string x = b.Node("Mul", [b.Input("x", 1, 3), b.Positive(3)]);
        string y = b.Node("Sqrt", [x]);
        OnnxModel model = b.Output(y).Build();
        model.Graph.Node[1].Name = "root";
        using TrainingStep step = TrainingStep.Create(model, new TrainingOptions { BatchSize = 2, Losses = [new MeanSquaredError()] });
        using NamedValues batch = Batches.Random(step.Inputs, 1);
        batch["x"].GetTensorMutableDataAsSpan<float>()[4] = 0;
        Assert.True(double.IsFinite(step.Run(batch, 0.1)));
        Divergence found = DivergenceFinder.Find(step, batch, 0.1)!;
        Assert.Equal((StepPart.Gradient, "Sqrt 'root'", 1L, 6L, 4L), (found.Part, found.Layer, found.Infinite, found.Elements, found.First));
    }

    [Fact]
    public void An_update_that_overflows_names_the_parameter()
    {
        var b = new GraphBuilder();
        string w = b.Initializer(TensorEditor.FromFloats("scale", [2e19f, 1, 1], 3));
        OnnxModel model = b.Output(b.Node("Mul", [b.Input("x", 1, 3), w])).Build();
        using TrainingStep step = TrainingStep.Create(model, new TrainingOptions { BatchSize = 1, Losses = [new MeanSquaredError { Weight = 1e-3 }] });
        using NamedValues batch = Batches.Random(step.Inputs, 1);
        step.Run(batch, 1e30);
        Divergence found = DivergenceFinder.Find(step, batch, 1e30)!;
        Assert.Equal((StepPart.Update, "'scale'", 1L), (found.Part, found.Layer, found.Infinite));
    }

    [Fact]
    public void An_infinity_that_the_network_means_is_none()
    {
        // The mask of an attention: minus infinity before a Softmax.
        var b = new GraphBuilder();
        string mask = b.Initializer(TensorEditor.FromFloats("mask", [0, float.NegativeInfinity, 0, 0], 4));
        string scores = b.Node("Identity", [b.Node("Add", [b.Linear(b.Input("x", 1, 3), 3, 4), mask])]);
        string y = b.Linear(b.Node("Softmax", [scores], ("axis", -1)), 4, 3);
        OnnxModel model = b.Output(y).Build();
        string[] trained = [.. model.Graph.Initializer.Select(i => i.Name).Where(n => n != "mask")];
        using TrainingStep step = TrainingStep.Create(model, new TrainingOptions { BatchSize = 2, Parameters = trained });
        using NamedValues batch = Batches.Random(step.Inputs, 1, 3);
        Assert.True(double.IsFinite(step.Run(batch, 0.1)));
        Assert.Null(DivergenceFinder.Find(step, batch, 0.1));
    }

    private static OnnxModel Network(bool normalise = true)
    {
        var b = new GraphBuilder(seed: 2);
        string x = b.Conv(b.Input("x", 1, 2, 6, 6), 2, 4);
        x = b.Relu(normalise ? b.BatchNorm(x, 4) : x);
        string y = b.Node("Flatten", [b.Node("GlobalAveragePool", [b.Relu(b.Conv(x, 4, 5))])]);
        OnnxModel model = b.Output(b.Linear(y, 5, 3)).Build();
        Assert.Equal("Conv", model.Graph.Node[0].OpType);
        model.Graph.Node[0].Name = "first";
        model.Graph.Node.Last(n => n.OpType == "Conv").Name = "second";
        if (normalise)
        {
            model.Graph.Node.First(n => n.OpType == "BatchNormalization").Name = "norm";
        }

        return model;
    }
}
