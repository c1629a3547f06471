using EdgePrune.Onnx;
using EdgePrune.Pruner.Recovery;
using Pruner.Tests.Schedules;

namespace Pruner.Tests.Recovery;

public sealed class RecoveryTrainingTests
{
    [Fact]
    public void A_training_that_diverges_says_so_in_words()
    {
        var options = new RecoveryOptions { Training = SmallSchedules.DigitsData(64), LearningRate = 1e9, MaxGradientNorm = 1e12, BatchSize = 16 };
        InputException failed = Assert.Throws<InputException>(
            () => RecoveryTraining.Run(SmallSchedules.DigitsModel(), options, 20, cancel: TestContext.Current.CancellationToken));
        Assert.Contains("--learning-rate", failed.Message);
    }

    [Fact]
    public void No_steps_leave_the_model_as_it_is()
    {
        OnnxModel model = SmallSchedules.DigitsModel();
        Assert.Same(model, RecoveryTraining.Run(model, new RecoveryOptions { Training = SmallSchedules.DigitsData(8) }, 0, cancel: TestContext.Current.CancellationToken));
    }
}
