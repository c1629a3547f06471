using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Units;
using EdgePrune.Pruner;
using EdgePrune.Pruner.Coupling;
using EdgePrune.Pruner.Recovery;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;
using Pruner.Tests.Schedules;

namespace Pruner.Tests.Recovery;

/// <summary>A pre-trained model for other classes: digits that are told apart by being among the first three, say.</summary>
public sealed class HeadTransferTests
{
    [Fact]
    public void The_new_head_has_the_targets_classes_and_the_rest_stays()
    {
        OnnxModel model = SmallSchedules.DigitsModel();
        (OnnxModel renewed, IReadOnlyList<string> head) = HeadTransfer.Replace(model, 4, seed: 1);
        var (before, after) = (new GraphIndex(model.Graph), new GraphIndex(renewed.Graph));
        Assert.NotEmpty(head);
        foreach (TensorProto tensor in model.Graph.Initializer)
        {
            Assert.Equal(!head.Contains(tensor.Name), after.Initializer(tensor.Name)!.Equals(tensor));
        }

        Assert.All(head, name => Assert.Equal(before.Initializer(name)!.Dims.Select(d => d == 10 ? 4 : d), after.Initializer(name)!.Dims));
        Assert.Equal(4 * 20, SmallSchedules.Run(renewed, SmallSchedules.DigitsData(20)).Length);
        Assert.Equal(renewed, HeadTransfer.Replace(model, 4, seed: 1).Model, (a, b) => a.Proto.Equals(b.Proto));
        // The new outputs are frozen as any graph output is.
        Assert.DoesNotContain(CouplingAnalysis.Run(renewed).Units.SelectMany(u => u.Slices), s => head.Contains(s.Tensor) && s.Role == SliceRole.Output);
    }

    [Theory]
    [InlineData("Conv")]
    [InlineData("MatMul")]
    [InlineData("Gemm")]
    public void Every_kind_of_last_layer_is_replaced(string op)
    {
        var g = new GraphBuilder();
        string y = op switch
        {
            "Conv" => g.Node("Flatten", [g.Node("GlobalAveragePool", [g.Node("Conv", [g.Input("x", 2, 3, 4, 4), g.Weights(5, 3, 1, 1), g.Weights(5)])])]),
            "MatMul" => g.Node("Softmax", [g.Node("Add", [g.Node("MatMul", [g.Input("x", 2, 3), g.Weights(3, 5)]), g.Weights(5)])], ("axis", 1)),
            _ => g.Node("Reshape", [g.Node("Gemm", [g.Input("x", 2, 3), g.Weights(5, 3), g.Weights(5)], ("transB", 1)), g.Ints(2, 5)]),
        };
        OnnxModel model = g.Output(y).Build();
        (OnnxModel renewed, IReadOnlyList<string> head) = HeadTransfer.Replace(model, 7, 0);
        Assert.Equal(2, head.Count);
        Assert.Equal([2L, 7L], ShapeProbe.Run(renewed)[renewed.Graph.Output[0].Name].Dims);
    }

    [Fact]
    public void A_model_that_ends_otherwise_has_no_head()
    {
        var g = new GraphBuilder();
        string x = g.Input("x", 2, 3);
        OnnxModel model = g.Output(g.Node("Mul", [g.Node("MatMul", [x, g.Weights(3, 4)]), g.Weights(4)])).Build();
        Assert.Contains("Mul", Assert.Throws<InputException>(() => HeadTransfer.Replace(model, 3, 0)).Message);
    }

    [Fact]
    public void Training_the_head_alone_leaves_everything_else_as_it_was()
    {
        OnnxModel model = SmallSchedules.DigitsModel();
        var training = new RecoveryOptions { Training = Target(), LearningRate = 0.05, BatchSize = 32 };
        (OnnxModel renewed, IReadOnlyList<string> head) = HeadTransfer.Replace(model, 5, 0);
        OnnxModel trained = HeadTransfer.Run(model, new TransferOptions { HeadSteps = 6 }, training, cancel: TestContext.Current.CancellationToken);
        var (before, after) = (new GraphIndex(renewed.Graph), new GraphIndex(trained.Graph));
        foreach (string name in renewed.Graph.Initializer.Select(i => i.Name))
        {
            Assert.Equal(!head.Contains(name), after.Initializer(name)!.RawData.Equals(before.Initializer(name)!.RawData));
        }
    }

    [Theory]
    [InlineData(TransferOrder.TransferFirst)]
    [InlineData(TransferOrder.PruneFirst)]
    public void A_pruned_model_answers_the_targets_classes_in_either_order(TransferOrder order)
    {
        PruneOptions options = SmallSchedules.Options(0.3, null, new RecoveryOptions { Training = Target(), Steps = 25, LearningRate = 0.05, BatchSize = 32 }) with
        {
            Transfer = new TransferOptions { Order = order, HeadSteps = 15, Steps = 25 },
            CostStore = DigitsCosts.Copy(),
            SweepBudget = new Seconds(0.1),
            CompareBudget = new Seconds(0.1),
        };
        PruneResult result = Pruning.Run(SmallSchedules.DigitsModel(), options, cancel: TestContext.Current.CancellationToken);
        Assert.NotEmpty(result.Plan.Units);
        Assert.True(result.Equivalence.Ok);
        using ModelSession session = ModelSession.Create(result.Model);
        Dataset test = Dataset.Load(Path.Combine(SmallSchedules.Digits, "test.npz"));
        test = test.Subset(Enumerable.Range(0, test.Count).Where(i => test.Labels![i] < 5));
        // Chance is 20 %, and forty steps are few for a head that first sees a cut model.
        Assert.InRange(Evaluator.Run(session.Session, test, cancellation: TestContext.Current.CancellationToken).Accuracy, order == TransferOrder.TransferFirst ? 0.8 : 0.5, 1);
        Assert.Equal(5, SmallSchedules.Run(result.Model, test.Take(1)).Length);
    }

    // The digits below five, whose folder names ten classes: a file of their own.
    private static Dataset Target()
    {
        Dataset digits = SmallSchedules.DigitsData(400);
        Dataset own = digits.Subset(Enumerable.Range(0, digits.Count).Where(i => digits.Labels![i] < 5));
        var input = new ModelInput("input", Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, [-1, 1, 8, 8]);
        using DatasetBatch batch = own.Batch(0, own.Count, [input]);
        float[] pixels = batch.Values["input"].GetTensorDataAsSpan<float>().ToArray();
        double[][] rows = [.. Enumerable.Range(0, own.Count).Select(i => pixels.Skip(i * 64).Take(64).Select(v => (double)v).ToArray())];
        return Importance.Samples.Of(rows, [1, 8, 8], [.. own.Labels!.Select(l => (int)l)]).Samples;
    }
}
