using EdgePrune.Onnx;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;
using EdgePrune.Training.Tests.Data;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Tests.Evaluation;

public sealed class EvaluatorTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static InferenceSession Model(string name) => new(Path.Combine(Repository.Root, "tests", "Training.Tests", "Fixtures", name + ".onnx"));

    /// <summary>Ten samples of three scores whose highest is at n % 3; every label is right but the last.</summary>
    private static Dataset Scores(TempFolder folder, bool labelled = true)
    {
        float[] scores = [.. Enumerable.Range(0, 30).Select(at => at % 3 == at / 3 % 3 ? 5f : at % 3)];
        byte[] inputs = DataFiles.NpyOf("<f4", "(10, 3)", scores);
        byte[] labels = DataFiles.NpyOf("<i8", "(10,)", 0L, 1L, 2L, 0L, 1L, 2L, 0L, 1L, 2L, 1L);
        return Dataset.Load(DataFiles.Write(folder, "a.npz", labelled ? DataFiles.Zip(("x.npy", inputs), ("labels.npy", labels)) : DataFiles.Zip(("x.npy", inputs))));
    }

    [Theory]
    [InlineData("identity", 1)]
    [InlineData("identity", 3)]
    [InlineData("identity", 64)]
    [InlineData("fixed-batch", 7)]
    [InlineData("trailing-axes", 4)]
    [InlineData("bytes", 4)]
    public void Every_batch_size_counts_every_sample_once(string model, int batchSize)
    {
        using TempFolder folder = new();
        using InferenceSession session = Model(model);
        List<EvaluationProgress> seen = [];
        ClassificationMetrics metrics = Evaluator.Run(session, Scores(folder), batchSize, new Recorder(seen), Cancellation);
        Assert.Equal((10, 9), (metrics.Count, metrics.Correct));
        Assert.Equal(new EvaluationProgress(10, 10), seen[^1]);
        Assert.Equal(seen.Select(each => each.Done), seen.Select(each => each.Done).Order());
    }

    [Fact]
    public void Agreement_needs_no_labels()
    {
        using TempFolder folder = new();
        using InferenceSession identity = Model("identity"), fixedBatch = Model("fixed-batch"), negated = Model("negated");
        Dataset data = Scores(folder, labelled: false);
        Assert.Equal(1, Evaluator.Agreement(identity, fixedBatch, data, 3, Cancellation));
        Assert.Equal(0, Evaluator.Agreement(identity, negated, data, 3, Cancellation));
    }

    [Theory]
    [InlineData("one-column", "one number a sample")]
    [InlineData("map", "takes [?, 3, 2, 2]")]
    [InlineData("two-inputs", "no array for the model's input 'a'")]
    [InlineData("nan", "is NaN")]
    public void Models_that_are_no_classifier_of_this_data_are_refused(string model, string words)
    {
        using TempFolder folder = new();
        using InferenceSession session = Model(model);
        Assert.Contains(words, Assert.Throws<InputException>(() => Evaluator.Run(session, Scores(folder), cancellation: Cancellation)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_labels_and_cancellation_end_the_run()
    {
        using TempFolder folder = new();
        using InferenceSession session = Model("identity");
        Assert.Contains("has no labels", Assert.Throws<InputException>(() => Evaluator.Run(session, Scores(folder, labelled: false), cancellation: Cancellation)).Message, StringComparison.Ordinal);
        Assert.Throws<OperationCanceledException>(() => Evaluator.Run(session, Scores(folder), cancellation: new CancellationToken(canceled: true)));
    }

    private sealed class Recorder(List<EvaluationProgress> seen) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => seen.Add(value);
    }
}
