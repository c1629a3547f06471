using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Tests.Data;

public sealed class StreamingTests
{
    private static readonly DatasetOptions OnDisk = new() { ResidentBytes = 0 };

    private static float[] All(Dataset data, params int[] shape)
    {
        // Backwards, and a few at a time, as a shuffled training would ask.
        Dataset reversed = data.Subset(Enumerable.Range(0, data.Count).Reverse());
        List<float> all = [];
        for (int at = 0; at < data.Count; at++)
        {
            using DatasetBatch batch = reversed.Batch(at, 1, [new ModelInput("x", TensorElementType.Float, shape)]);
            all.AddRange(batch.Values["x"].GetTensorDataAsSpan<float>());
        }

        return [.. all];
    }

    private static void Same(string path, int resident, params int[] shape)
    {
        Dataset memory = Dataset.Load(path), disk = Dataset.Load(path, OnDisk);

        Assert.Equal(resident, memory.Columns.Sum(c => c.Array.ResidentBytes));
        Assert.Equal(0, disk.Columns.Sum(c => c.Array.ResidentBytes));
        Assert.Equal(All(memory, shape), All(disk, shape));
        Assert.Equal(memory.Labels, disk.Labels);
        Assert.Equal(DatasetDigest.Of(disk), DatasetDigest.Of(Dataset.Load(path, OnDisk)));
    }

    [Fact]
    public void Arrays_are_read_by_sample_as_from_memory()
    {
        using var folder = new TempFolder();
        byte[] values = [.. Enumerable.Range(0, 24).Select(i => (byte)i)];
        DataFiles.Write(folder, "data.yaml", "scale: 0.5\nmean: [1, 2]\narray_layout: NHWC\nlayout: NCHW\n");
        DataFiles.Write(folder, "labels.npy", DataFiles.Npy("|u1", "(3,)", [0, 1, 2]));

        Same(DataFiles.Write(folder, "input.npy", DataFiles.Npy("|u1", "(3, 2, 2, 2)", values)), 24, -1, 2, 2, 2);
        Same(DataFiles.Write(folder, "set_input_u8_3x2x2x2.bin", values), 24, -1, 2, 2, 2);
        Same(DataFiles.Write(folder, "some-images-idx4-ubyte", DataFiles.Idx(0x08, [3, 2, 2, 2], values)), 24, -1, 2, 2, 2);
    }

    [Fact]
    public void Big_endian_numbers_are_turned()
    {
        using var folder = new TempFolder();
        byte[] values = [0, 1, 0, 2, 0, 3, 1, 0];

        Same(DataFiles.Write(folder, "input.npy", DataFiles.Npy(">i2", "(2, 2)", values)), 8, -1, 2);
        Same(DataFiles.Write(folder, "x-images-idx2", DataFiles.Idx(0x0B, [2, 2], values)), 8, -1, 2);
    }

    [Fact]
    public void Images_are_decoded_when_they_are_asked_for()
    {
        using var folder = new TempFolder();
        foreach (string name in new[] { "a/1.png", "a/2.png", "b/3.png" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
            File.Copy(Path.Combine(Repository.Root, "tests", "Training.Tests", "Fixtures", name == "a/2.png" ? "422.png" : "444.png"), folder.File(name));
        }

        DataFiles.Write(folder, "data.yaml", "size: [6, 5]\n");

        Same(folder.Path, 3 * 3 * 30, -1, 3, 6, 5);
    }

    [Fact]
    public void A_file_that_is_not_as_long_as_it_says_is_refused_at_once_or_when_it_shrinks()
    {
        using var folder = new TempFolder();
        byte[] good = DataFiles.Npy("<f4", "(4, 2)", new byte[32]);
        foreach (byte[] bad in new[] { good[..^1], [.. good, 0] })
        {
            string path = DataFiles.Write(folder, "bad.npy", bad);
            Assert.Throws<InputException>(() => Dataset.Load(path, OnDisk));
        }

        foreach (string shape in new[] { "(4000000000, 2)", "(4, 99999999999)", "(-4, 2)", "(9223372036854775807, 9223372036854775807)" })
        {
            string path = DataFiles.Write(folder, "bad.npy", DataFiles.Npy("<f4", shape, new byte[32]));
            Assert.Throws<InputException>(() => Dataset.Load(path, OnDisk));
        }

        string shrinking = DataFiles.Write(folder, "shrinking.npy", good);
        Dataset data = Dataset.Load(shrinking, OnDisk);
        using (FileStream file = new(shrinking, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(good.Length - 6);
        }

        Assert.Contains("has become shorter", Assert.Throws<InputException>(() => All(data, -1, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_is_not_finite_is_named_with_its_sample()
    {
        using var folder = new TempFolder();
        Dataset data = Dataset.Load(DataFiles.Write(folder, "input.npy", DataFiles.NpyOf("<f4", "(2, 2)", 1f, 2f, 3f, float.NaN)), OnDisk);

        Assert.Contains("NaN in sample 1, element 1", Assert.Throws<InputException>(() => All(data, -1, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Splits_are_stratified_disjoint_and_by_seed()
    {
        using var folder = new TempFolder();
        byte[] labels = [.. Enumerable.Range(0, 100).Select(i => (byte)(i < 60 ? 0 : i < 95 ? 1 : i < 99 ? 2 : 3))];
        DataFiles.Write(folder, "labels.npy", DataFiles.Npy("|u1", "(100,)", labels));
        Dataset data = Dataset.Load(DataFiles.Write(folder, "input.npy", DataFiles.Npy("|u1", "(100, 1)", [.. Enumerable.Range(0, 100).Select(i => (byte)i)])));

        (Dataset stays, Dataset held) = StratifiedSplit.Of(data, 0.2, 1);

        Assert.Equal([12, 7, 1, 0], Enumerable.Range(0, 4).Select(label => held.Labels!.Count(l => l == label)));
        Assert.Equal(Enumerable.Range(0, 100), stays.Subset(Enumerable.Range(0, stays.Count)).RowsOf().Concat(held.RowsOf()).Order());
        Assert.Equal(held.RowsOf(), StratifiedSplit.Of(data, 0.2, 1).Held.RowsOf());
        Assert.NotEqual(held.RowsOf(), StratifiedSplit.Of(data, 0.2, 2).Held.RowsOf());
    }
}
