using System.Security.Cryptography;
using EdgePrune.Onnx;
using EdgePrune.TestSupport;
using EdgePrune.Training.Checkpoints;
using EdgePrune.Training.Loop;
using EdgePrune.Training.Steps;

namespace EdgePrune.Training.Tests.Loop;

public sealed class CheckpointFileTests
{
    private static readonly TrainingCheckpoint Sample = new(
        new Dictionary<string, string> { ["seed"] = "1", ["data"] = "abc" },
        new LoopState { Step = 7, FirstLoss = 2.302585092994046, EpochLoss = 0.1 + 0.2, EpochSteps = 2, Best = 0, Curve = [new EpochRecord(1, 5, 0.05, 1.5, 0.25, 1.25, 0.5, 0.1)] },
        new TrainingSnapshot(7, new Dictionary<string, byte[]> { ["w"] = [1, 2, 3, 4], ["w.velocity"] = [5, 6, 7, 8] }),
        new Dictionary<string, byte[]> { ["w"] = [9, 9, 9, 9] });

    [Fact]
    public void What_is_written_is_read_again()
    {
        using var folder = new TempFolder();
        CheckpointFile.Write(folder.File("c"), Sample);
        TrainingCheckpoint read = CheckpointFile.Read(folder.File("c"));

        Assert.Equal(Sample.Fingerprint.OrderBy(f => f.Key), read.Fingerprint.OrderBy(f => f.Key));
        Assert.Equal(Sample.State, read.State with { Curve = Sample.State.Curve });
        Assert.Equal(Sample.State.Curve, read.State.Curve);
        Assert.Equal(Sample.Snapshot.Tensors.SelectMany(t => t.Value), read.Snapshot.Tensors.SelectMany(t => t.Value));
        Assert.Equal(Sample.Best["w"], read.Best["w"]);
    }

    [Fact]
    public void Every_flipped_byte_and_every_cut_is_noticed()
    {
        using var folder = new TempFolder();
        string path = folder.File("c");
        CheckpointFile.Write(path, Sample);
        byte[] good = File.ReadAllBytes(path);
        for (int at = 0; at < good.Length; at++)
        {
            byte[] bad = [.. good];
            bad[at] ^= 0x20;
            File.WriteAllBytes(path, bad);
            Assert.Throws<InputException>(() => CheckpointFile.Read(path));
            File.WriteAllBytes(path, good[..at]);
            Assert.Throws<InputException>(() => CheckpointFile.Read(path));
        }
    }

    public static TheoryData<string, string> Forgeries => new()
    {
        { "\"Bytes\":4", "\"Bytes\":9000000000000" },
        { "\"Bytes\":4", "\"Bytes\":-4" },
        { "\"w.velocity\"", "\"w\"" },
        { "\"Steps\":7", "\"Steps\":8" },
        { "\"Best\":0", "\"Best\":4" },
        { "\"Curve\":[", "\"Curve\":[null," },
        { "\"seed\":\"1\"", "\"seed\":null" },
        { "\"Fingerprint\":{", "\"Fingerprint\":[{" },
        { "{", "" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public void A_header_that_makes_no_sense_is_refused_even_under_a_right_digest(string what, string by)
    {
        using var folder = new TempFolder();
        string path = folder.File("c");
        CheckpointFile.Write(path, Sample);
        byte[] good = File.ReadAllBytes(path);
        int length = BitConverter.ToInt32(good, 12);
        string header = System.Text.Encoding.UTF8.GetString(good, 16, length);
        int at = header.IndexOf(what, StringComparison.Ordinal);
        Assert.True(at >= 0, header);
        byte[] forged = System.Text.Encoding.UTF8.GetBytes(header[..at] + by + header[(at + what.Length)..]);
        byte[] content = [.. good[..12], .. BitConverter.GetBytes(forged.Length), .. forged, .. good[(16 + length)..^32]];
        File.WriteAllBytes(path, [.. content, .. SHA256.HashData(content)]);

        InputException refused = Assert.Throws<InputException>(() => CheckpointFile.Read(path));

        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
    }
}
