using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Losses;

namespace EdgePrune.Training.Tests.Steps;

/// <summary>Networks as tools export them: BatchNormalization folded into convolutions, opset 9, depthwise, dense.</summary>
public sealed class RealNetworkTests
{
    // The detector's scores lie near their limits, so that its loss falls slowly at first.
    [Theory]
    [InlineData("imagenet/mobilenet_v1_0.25_128_dequant.onnx.gz", 0.002, 0.8)]
    [InlineData("mlperf/vww_mobilenetv1_025_96.onnx", 0.01, 0.8)]
    [InlineData("mlperf/ad01_autoencoder.onnx", 0.01, 0.8)]
    [InlineData("kws/streaming_wakeword.onnx", 0.01, 0.8)]
    [InlineData("fashion/fashion_cnn.onnx", 0.01, 0.8)]
    [InlineData("detect/version-RFB-320.onnx", 0.001, 1)]
    public void A_batch_that_is_seen_again_and_again_is_learnt(string file, double rate, double share)
    {
        OnnxModel model = SharedModels.Load(file);
        if (file.Contains("dequant", StringComparison.Ordinal))
        {
            Assert.DoesNotContain(model.Graph.Node, n => n.OpType == "BatchNormalization");
        }

        bool values = file.Contains("autoencoder", StringComparison.Ordinal) || file.StartsWith("detect", StringComparison.Ordinal);
        var options = new TrainingOptions { BatchSize = 4, Losses = [values ? new MeanSquaredError() : new CrossEntropy()] };
        using TrainingStep step = TrainingStep.Create(model, options, new SessionSettings { Threads = 2 });
        using NamedValues batch = Batches.Random(step.Inputs, 1, 2);
        double[] losses = [.. Enumerable.Range(0, 12).Select(_ => step.Run(batch, rate))];
        Assert.True(losses[^1] < share * losses[0], string.Join(' ', losses));
        Assert.Null(DivergenceFinder.Find(step, batch, rate));

        // What was trained is the model's own weights: it still loads and answers.
        using ModelSession session = ModelSession.Create(step.ToModel());
        Assert.Equal(model.Graph.Output.Select(o => o.Name), session.OutputNames);
    }
}
