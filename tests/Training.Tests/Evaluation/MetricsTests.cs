using EdgePrune.Onnx;
using EdgePrune.Training.Evaluation;

namespace EdgePrune.Training.Tests.Evaluation;

public sealed class MetricsTests
{
    private static float[] Scores(int classes, params int[] predictions) =>
        [.. predictions.SelectMany(p => Enumerable.Range(0, classes).Select(id => id == p ? 1f : 0f))];

    /// <summary>Worked by hand: confusion [[2,1,0],[0,1,1],[0,0,1]].</summary>
    [Fact]
    public void Figures_worked_by_hand()
    {
        ClassificationMetrics metrics = ClassificationMetrics.Of(Scores(3, 0, 0, 1, 1, 2, 2), 3, [0, 0, 0, 1, 1, 2]);
        Assert.Equal((6, 4), (metrics.Count, metrics.Correct));
        Assert.Equal(4 / 6.0, metrics.Accuracy, 12);
        Assert.Equal([2, 1, 0], metrics.Confusion[0]);
        Assert.Equal([0, 1, 1], metrics.Confusion[1]);
        Assert.Equal([0, 0, 1], metrics.Confusion[2]);
        Assert.Equal([1, 0.5, 0.5], metrics.PerClass.Select(each => each.Precision));
        Assert.Equal([2 / 3.0, 0.5, 1], metrics.PerClass.Select(each => each.Recall));
        Assert.Equal((1 + 0.5 + 0.5) / 3, metrics.PrecisionMacro, 12);
        Assert.Equal((0.8 + 0.5 + (2 / 3.0)) / 3, metrics.F1Macro, 12);
    }

    [Fact]
    public void Classes_that_never_occur_are_left_out_of_the_averages()
    {
        ClassificationMetrics metrics = ClassificationMetrics.Of(Scores(5, 0, 1), 5, [0, 1]);
        Assert.Equal((1.0, 1.0, 1.0), (metrics.PrecisionMacro, metrics.RecallMacro, metrics.F1Macro));
        // A class that is predicted but never right counts, with zero.
        Assert.Equal(1 / 3.0, ClassificationMetrics.Of(Scores(5, 0, 4), 5, [0, 1]).F1Macro, 12);
    }

    [Fact]
    public void TopK_breaks_ties_as_the_prediction_does()
    {
        ClassificationMetrics metrics = ClassificationMetrics.Of([1, 1, 1, 3, 2, 1], 3, [2, 1], [1, 2, 3]);
        Assert.Equal([0, 0.5, 1], new[] { 1, 2, 3 }.Select(k => metrics.TopK[k]));
    }

    /// <summary>Laws: accuracy is trace over sum, rows sum to supports, top-1 is accuracy, top-k grows to 1, macro recall ignores order.</summary>
    [Fact]
    public void Laws_hold_for_random_outputs()
    {
        Random random = new(11);
        for (int trial = 0; trial < 200; trial++)
        {
            int classes = random.Next(2, 8), count = random.Next(1, 60);
            float[] outputs = [.. Enumerable.Range(0, classes * count).Select(_ => (float)random.Next(-3, 4))];
            long[] labels = [.. Enumerable.Range(0, count).Select(_ => (long)random.Next(classes))];
            int[] ranks = [.. Enumerable.Range(1, classes)];
            ClassificationMetrics metrics = ClassificationMetrics.Of(outputs, classes, labels, ranks);
            Assert.Equal(count, metrics.Count);
            Assert.Equal((double)Enumerable.Range(0, classes).Sum(id => metrics.Confusion[id][id]) / count, metrics.Accuracy, 12);
            Assert.Equal(Enumerable.Range(0, classes).Select(id => (long)labels.Count(label => label == id)), metrics.PerClass.Select(each => each.Support));
            Assert.Equal(metrics.Accuracy, metrics.TopK[1], 12);
            Assert.Equal(1, metrics.TopK[classes], 12);
            Assert.Equal(ranks.Select(k => metrics.TopK[k]), ranks.Select(k => metrics.TopK[k]).Order());
            Assert.Equal(metrics.Accuracy, metrics.PerClass.Sum(each => each.Recall * each.Support) / count, 12);
            Assert.InRange(metrics.F1Macro, 0, 1);
            // With one label and one prediction a sample, what is missed of one class is wrongly given to another.
            Assert.Equal(metrics.Accuracy, metrics.PrecisionMicro, 12);
            Assert.Equal(metrics.Accuracy, metrics.RecallMicro, 12);
            Assert.Equal(metrics.Accuracy, metrics.F1Micro, 12);
        }
    }

    [Fact]
    public void Bad_outputs_and_labels_are_named()
    {
        Assert.Contains("label 3 of sample 1", Assert.Throws<InputException>(() => ClassificationMetrics.Of(new float[6], 3, [0, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("sample 1 is NaN", Assert.Throws<InputException>(() => ClassificationMetrics.Of([0, 1, float.NaN, 2], 2, [0, 1])).Message, StringComparison.Ordinal);
        Assert.Contains("top-4", Assert.Throws<InputException>(() => ClassificationMetrics.Of(new float[3], 3, [0], [4])).Message, StringComparison.Ordinal);
        Assert.Contains("no samples", Assert.Throws<InputException>(() => ClassificationMetrics.Of([], 3, [])).Message, StringComparison.Ordinal);
    }
}
