using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;
using EdgePrune.TestSupport.Hostile;
using Google.Protobuf;

namespace Onnx.Tests;

/// <summary>Every malformed input ends in an error that says what is wrong; nothing else is left behind.</summary>
public sealed class HostileModelTests(HostileModelTests.Trial trial) : IClassFixture<HostileModelTests.Trial>
{
    public static TheoryData<string> Entries { get; } = [.. HostileModels.All.Select(m => new TheoryDataRow<string>(m.Name))];

    [Fact]
    public void The_model_that_the_entries_are_made_from_is_sound()
    {
        OnnxModel model = OnnxModel.FromProto(HostileModels.Sound());
        trial.Run(model);
        Assert.Equal([1, 4, 6, 6], ShapeProbe.Run(model)["y"].Dims);
    }

    [Fact]
    public void There_are_more_than_a_hundred_and_twenty_entries_with_names_of_their_own()
    {
        Assert.True(HostileModels.All.Count > 120);
        Assert.Equal(HostileModels.All.Count, HostileModels.All.DistinctBy(m => m.Name).Count());
    }

    [Theory]
    [MemberData(nameof(Entries))]
    public void A_malformed_input_is_refused_in_words(string name)
    {
        HostileModel entry = HostileModels.Named(name);
        using var folder = new TempFolder();
        string path = entry.Write(folder.Path);
        string[] before = [.. Directory.EnumerateFileSystemEntries(folder.Path).Order()];
        InputException refused = Assert.Throws<InputException>(() =>
        {
            OnnxModel model = OnnxModel.Load(path);
            trial.Run(model, entry.NeverEnds);
            ShapeProbe.Run(model);
        });
        Assert.Contains(entry.Words, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(refused.Message, c => char.IsControl(c) && c != '\n');
        Assert.True(refused.Message.Length < 10_000);
        Assert.Equal(before.AsEnumerable(), Directory.EnumerateFileSystemEntries(folder.Path).Order());
    }

    [Fact]
    public void A_flipped_bit_gives_a_model_that_runs_or_an_error_in_words()
    {
        byte[] sound = HostileModels.Sound().ToByteArray();
        var random = new Random(20);
        int ran = 0;
        for (int i = 0; i < 600; i++)
        {
            byte[] bytes = [.. sound];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                // Half of the flips spare the weights, which are most of the file and rarely matter.
                int at = i % 2 == 0 ? random.Next(bytes.Length) : random.Next(140);
                bytes[at] ^= (byte)(1 << random.Next(8));
            }

            try
            {
                OnnxModel model = OnnxModel.FromBytes(bytes, "flipped");
                trial.Run(model);
                ShapeProbe.Run(model);
                ran++;
            }
            catch (InputException refused)
            {
                Assert.NotEmpty(refused.Message);
            }
        }

        Assert.InRange(ran, 50, 550); // flips in weights change values only; flips elsewhere must be found
    }

    /// <summary>One child process for all models that it survives.</summary>
    public sealed class Trial : IDisposable
    {
        private const long Memory = 2L << 30;
        private readonly ModelTrial patient = new(new TrialLimits { Time = TimeSpan.FromSeconds(60), MemoryBytes = Memory });

        public void Run(OnnxModel model, bool neverEnds = false)
        {
            if (neverEnds)
            {
                ModelTrial.Check(model, limits: new TrialLimits { Time = TimeSpan.FromSeconds(2), MemoryBytes = Memory });
            }
            else
            {
                patient.Try(model);
            }
        }

        public void Dispose() => patient.Dispose();
    }
}
