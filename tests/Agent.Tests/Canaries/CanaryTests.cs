using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Canaries;
using EdgePrune.Agent.Tensors;
using EdgePrune.Agent.Tests.Service;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Agent.Tests.Canaries;

/// <summary>Inputs whose outputs are known.</summary>
public sealed class CanaryTests
{
    private static readonly AnswerRule Close = new(null, 0.01, 1);

    [Theory]
    [InlineData(2, 0.01, 5)]
    [InlineData(2.01, 0.01, 5)]
    [InlineData(2.03, 0.01, 0)]
    [InlineData(2.03, 0.02, 5)]
    public void Values_may_differ_by_the_tolerance(float factor, double tolerance, int passed)
    {
        using ModelSession session = ModelSession.Create(ServiceFixture.Model(factor), "m");
        using CanarySet set = Load(TrialModels.Canaries(2));
        CanaryResult result = set.Check(session, Close with { Tolerance = tolerance });
        Assert.Equal((5, passed, false), (result.Run, result.Passed, result.IsUnsound));
        Assert.Equal(passed == 5, result.Holds(Close));
        Assert.Equal(passed == 5, result.Failure is null);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(0.8, false)]
    public void A_share_may_be_enough(double wrong, bool holds)
    {
        using ModelSession session = ModelSession.Create(ServiceFixture.Model(2), "m");
        using CanarySet set = Load(TrialModels.Npz(("input.x", [.. Enumerable.Repeat(1f, 20)], [5, 4]), ("output.y", [.. Enumerable.Range(0, 20).Select(i => i < 4 * (2 - wrong) ? 3f : 2f)], [5, 4])));
        Assert.Equal(holds, set.Check(session, Close).Holds(Close with { MinShare = 0.8 }));
    }

    [Fact]
    public void Top_1_compares_places_and_is_what_classifiers_get_by_default()
    {
        using ModelSession session = ModelSession.Create(TrialModels.Classifier(first: true), "m");
        using CanarySet set = Load(TrialModels.Npz(
            ("input.x", [9, 0, 0, 0, 0, 0, 5, 0], [2, 4]), ("output.y", [1, 0, 0, 0, 1, 0], [2, 3]), ("labels", [0, 2], [2])));
        CanaryResult result = set.Check(session, Close);
        Assert.Equal((2, 1, 2), (result.Run, result.Passed, result.Correct));
        Assert.Equal(0, set.Check(session, Close with { Check = AnswerCheck.Values }).Passed);
    }

    [Theory]
    [InlineData(200f)]
    [InlineData(float.NaN)]
    public void Not_a_number_where_a_number_belongs_is_unsound_and_where_it_is_expected_it_passes(float x)
    {
        using ModelSession session = ModelSession.Create(TrialModels.NotANumberAbove100(2), "m");
        using CanarySet numbers = Load(TrialModels.Npz(("input.x", [x, 1, 1, 1], [1, 4]), ("output.y", [2, 2, 2, 2], [1, 4])));
        CanaryResult result = numbers.Check(session, Close with { MinShare = 0 });
        Assert.True(result.IsUnsound);
        Assert.False(result.Holds(Close with { MinShare = 0 }));
        using CanarySet expected = Load(TrialModels.Npz(("input.x", [x, 1, 1, 1], [1, 4]), ("output.y", [float.NaN, 2, 2, 2], [1, 4])));
        Assert.True(expected.Check(session, Close).Holds(Close));
        using CanarySet inputsAlone = Load(TrialModels.Npz(("input.x", [x, 1, 1, 1], [1, 4])));
        Assert.True(inputsAlone.Check(session, Close).IsUnsound);
    }

    [Fact]
    public void A_model_that_cannot_be_run_on_one_is_unsound_with_the_runtime_s_words()
    {
        using ModelSession session = ModelSession.Create(TrialModels.FailingAbove7(2), "m");
        using CanarySet set = Load(TrialModels.Npz(("input.x", [9, 1, 1, 1], [1, 4])));
        CanaryResult result = set.Check(session, Close);
        Assert.True(result.IsUnsound);
        Assert.Contains("out of data bounds", result.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_shapes_are_unsound()
    {
        using ModelSession session = ModelSession.Create(ServiceFixture.Model(2), "m");
        using CanarySet shape = Load(TrialModels.Npz(("input.x", [1, 1, 1, 1], [1, 4]), ("output.y", [2, 2], [1, 2])));
        Assert.True(shape.Check(session, Close).IsUnsound);
        using CanarySet name = Load(TrialModels.Npz(("input.x", [1, 1, 1, 1], [1, 4]), ("output.other", [2, 2, 2, 2], [1, 4])));
        Assert.True(name.Check(session, Close).IsUnsound);
    }

    [Fact]
    public void What_the_writer_makes_the_model_passes()
    {
        using var temp = new TempFolder();
        using ModelSession session = ModelSession.Create(TrialModels.Classifier(first: true), "m");
        IEnumerable<IReadOnlyDictionary<string, OrtValue>> Samples()
        {
            for (int i = 0; i < 6; i++)
            {
                using var sample = new NamedValues([KeyValuePair.Create("x", OrtValue.CreateTensorValueFromMemory(new float[] { i, 2, 3, 4 }, [1, 4]))]);
                yield return sample;
            }
        }

        Assert.Equal(6, CanaryWriter.Write(temp.File("canary.npz"), session, Samples(), [2, 2, 2, 0, 0, 0]));
        using CanarySet set = CanarySet.Load(temp.File("canary.npz"));
        CanaryResult result = set.Check(session, Close);
        Assert.Equal((6, 6, 6), (result.Run, result.Passed, result.Correct));
    }

    [Fact]
    public void Files_that_are_no_canaries_are_refused()
    {
        (byte[] Npz, string Because)[] bad =
        [
            ([], "not a readable .npz"),
            (TrialModels.Npz(), "no array input.NAME"),
            (TrialModels.Npz(("x", [1], [1])), "'x' is none of"),
            (TrialModels.Npz(("input.x", [1], [])), "first axis"),
            (TrialModels.Npz(("input.x", [], [0, 4])), "first axis"),
            (TrialModels.Npz(("input.x", [1, 2], [2]), ("output.y", [1], [1])), "first axis"),
            (TrialModels.Npz(("input.x", new float[5000], [5000])), "first axis"),
            (TrialModels.Npz(("input.x", [1], [1]), ("labels", [1, 2], [1, 2])), "'labels'"),
        ];
        foreach ((byte[] npz, string because) in bad)
        {
            Assert.Contains(because, Assert.Throws<InputException>(() => Load(npz)).Message, StringComparison.Ordinal);
        }
    }

    private static CanarySet Load(byte[] npz) => CanarySet.Of(Npz.Read(new MemoryStream(npz), 1 << 20, "canaries"));
}
