using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Cli.Reports;
using EdgePrune.Cli.Training;
using EdgePrune.Training.Loop;

namespace EdgePrune.Cli.Tests;

public sealed class TrainReportTests
{
    private static TrainEpoch Epoch(int number, bool judged) => new(
        number, number * 17, 0.05 * (1 + Math.Cos(Math.PI * number / 24)) / 2, 2.3 / number, 1 - (0.7 / number),
        judged ? 2.1 / number : null, judged ? 0.99 - (0.6 / number) - (number == 24 ? 0.01 : 0) : null, 0.81);

    /// <summary>A training of so many epochs.</summary>
    internal static TrainDocument Document(int epochs, bool judged = true) => new(
        "train", "samples/digits/graph.onnx", "digits.onnx", "samples/digits/train.npz", 969, judged ? 109 : 0, 197_034,
        new Dictionary<string, string> { ["epochs"] = "24", ["optimizer"] = "SGD, momentum 0.9 (Nesterov)", ["schedule"] = "cosine, warm-up of 1" },
        Epoch(judged ? Math.Max(1, epochs - 1) : epochs, judged), StoppedEarly: judged && epochs < 24, epochs * 17, epochs * 0.81, 1196.3,
        [.. Enumerable.Range(1, epochs).Select(e => Epoch(e, judged))]);

    [Theory]
    [InlineData(80, 24, true)]
    [InlineData(120, 4, false)]
    public void For_people(int width, int epochs, bool judged) =>
        Golden.Check($"train-{width}", Rendered.At(width, console => TrainReport.Show(console, Document(epochs, judged))));

    [Fact]
    public void A_line_an_epoch_where_there_is_no_terminal()
    {
        using var writer = new StringWriter();
        var clock = new HandClock();
        var view = new TrainingView(new LineBoard(writer), clock);
        for (int step = 1; step <= 4; step++)
        {
            clock.Now += 100;
            var finished = step % 2 == 0 ? new EpochRecord(step / 2, step, 0.05, 1.234, 0.5, step == 2 ? null : 0.7, step == 2 ? null : 0.912, 200) : null;
            view.Report(new TrainingProgress(step, 100, (step + 1) / 2, 50, 1.234, 0.5, 4321, finished, IsBest: true));
        }

        Assert.Equal(
            "epoch 1/50: loss 1.23, accuracy 50.0 %; 4.32 k samples/s, 2:43:20 left\nepoch 2/50: loss 1.23, accuracy 50.0 %, validation 91.2 % at loss 0.700 (best); 4.32 k samples/s, 2:40:00 left\n",
            writer.ToString().ReplaceLineEndings("\n"));
    }

    /// <summary>Stands still unless it is moved; in seconds.</summary>
    private sealed class HandClock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Now;
    }
}
