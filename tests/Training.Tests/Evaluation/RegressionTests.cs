using EdgePrune.Onnx;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;
using EdgePrune.Training.Tests.Data;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Tests.Evaluation;

public sealed class RegressionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Errors_are_those_of_their_definitions_in_whatever_pieces_the_numbers_come()
    {
        var random = new Random(5);
        float[] expected = [.. Enumerable.Range(0, 101).Select(_ => 1000 + (float)random.NextDouble())];
        float[] outputs = [.. expected.Select(e => e + (float)(random.NextDouble() - 0.4))];
        var sums = new RegressionMetrics.Sums();
        for (int at = 0; at < expected.Length; at += 7)
        {
            int count = Math.Min(7, expected.Length - at);
            sums.Add(outputs.AsSpan(at, count), expected.AsSpan(at, count));
        }

        RegressionMetrics metrics = sums.Result();
        double[] off = [.. outputs.Zip(expected, (o, e) => o - (double)e)];
        double mean = expected.Average(e => (double)e);
        Assert.Equal(101, metrics.Count);
        Assert.Equal(off.Average(Math.Abs), metrics.MeanAbsoluteError, 9);
        Assert.Equal(Math.Sqrt(off.Average(o => o * o)), metrics.RootMeanSquareError, 9);
        Assert.Equal(1 - (off.Sum(o => o * o) / expected.Sum(e => (e - mean) * (e - mean))), metrics.RSquared, 6);
    }

    [Theory]
    [InlineData(2f, 2f, 1)]
    [InlineData(3f, 2f, 0)]
    public void Where_all_that_is_expected_is_equal_only_the_right_answer_explains_it(float output, float expected, double r2)
    {
        var sums = new RegressionMetrics.Sums();
        sums.Add([output, output], [expected, expected]);
        Assert.Equal(r2, sums.Result().RSquared);
    }

    [Fact]
    public void Nothing_to_compare_and_numbers_that_are_none_are_refused()
    {
        var sums = new RegressionMetrics.Sums();
        Assert.Throws<InputException>(sums.Result);
        Assert.Throws<InputException>(() => sums.Add([float.NaN], [1]));
    }

    [Fact]
    public void A_model_agrees_with_itself_and_its_negation_with_none_of_its_answers()
    {
        using TempFolder folder = new();
        Dataset data = Scores(folder);
        using InferenceSession identity = Model("identity"), negated = Model("negated");
        OutputAgreement same = OutputAgreement.Of(identity, identity, data, batchSize: 3, Cancellation);
        OutputAgreement opposite = OutputAgreement.Of(identity, negated, data, batchSize: 3, Cancellation);
        Assert.Equal((4, 1.0, 0.0, 1.0), (same.Samples, same.SameClass, same.Values.MeanAbsoluteError, same.Values.RSquared));
        Assert.Equal(0, opposite.SameClass);
        Assert.Equal(13, opposite.Values.MeanAbsoluteError, 6);
    }

    [Fact]
    public void Outputs_are_held_against_an_array_of_the_data_by_its_name()
    {
        using TempFolder folder = new();
        Dataset data = Scores(folder);
        using InferenceSession identity = Model("identity");
        Assert.Equal(0.5, OutputAgreement.Against(identity, data, "wanted", batchSize: 3, Cancellation).MeanAbsoluteError, 6);
        Assert.Contains("no array 'missing'", Assert.Throws<InputException>(() => OutputAgreement.Against(identity, data, "missing", cancellation: Cancellation)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Agreement_at_positions_is_that_of_their_definition(bool classesLast)
    {
        const int Samples = 7, Positions = 6, Classes = 4;
        var random = new Random(3);
        // By sample, position and class; a third of the positions agree by construction, the others by chance.
        float[,,] a = new float[Samples, Positions, Classes], b = new float[Samples, Positions, Classes];
        for (int s = 0; s < Samples; s++)
        {
            for (int p = 0; p < Positions; p++)
            {
                for (int c = 0; c < Classes; c++)
                {
                    a[s, p, c] = (float)random.NextDouble();
                    b[s, p, c] = s < 2 || p % 3 == 0 ? a[s, p, c] : (float)random.NextDouble();
                }
            }
        }

        var counts = new PositionAgreement.Counts();
        foreach ((int start, int count) in new[] { (0, 3), (3, 4) })
        {
            float[] Laid(float[,,] of) => classesLast
                ? [.. from s in Enumerable.Range(start, count) from p in Enumerable.Range(0, Positions) from c in Enumerable.Range(0, Classes) select of[s, p, c]]
                : [.. from s in Enumerable.Range(start, count) from c in Enumerable.Range(0, Classes) from p in Enumerable.Range(0, Positions) select of[s, p, c]];
            counts.Add(Laid(a), Laid(b), classesLast ? [count, Positions, Classes] : [count, Classes, 2, Positions / 2], count);
        }

        bool[][] same =
        [
            .. Enumerable.Range(0, Samples).Select(s => Enumerable.Range(0, Positions).Select(p =>
                Enumerable.Range(0, Classes).MaxBy(c => a[s, p, c]) == Enumerable.Range(0, Classes).MaxBy(c => b[s, p, c])).ToArray()),
        ];
        PositionAgreement found = counts.Result()!;
        Assert.Equal(same.SelectMany(s => s).Count(s => s) / (double)(Samples * Positions), found.Share, 12);
        Assert.Equal(same.Count(s => s.All(p => p)) / (double)Samples, found.WholeSamples, 12);
        Assert.InRange(found.Share, 0.4, 0.95);
    }

    [Fact]
    public void One_row_a_sample_has_no_positions()
    {
        var counts = new PositionAgreement.Counts();
        counts.Add([1, 2, 3, 4], [1, 2, 3, 4], [2, 2], 2);
        Assert.Null(counts.Result());
    }

    private static InferenceSession Model(string name) => new(Path.Combine(Repository.Root, "tests", "Training.Tests", "Fixtures", name + ".onnx"));

    // Four samples of three numbers, 1 to 12, and the same half a unit higher.
    private static Dataset Scores(TempFolder folder)
    {
        float[] x = [1, 2, 3, 6, 5, 4, 7, 9, 8, 12, 10, 11];
        return Dataset.Load(DataFiles.Write(folder, "a.npz", DataFiles.Zip(
            ("x.npy", DataFiles.NpyOf("<f4", "(4, 3)", x)), ("wanted.npy", DataFiles.NpyOf("<f4", "(4, 3)", [.. x.Select(v => v + 0.5f)])))));
    }
}
