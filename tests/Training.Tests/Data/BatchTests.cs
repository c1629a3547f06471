using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Tests.Data;

public sealed class BatchTests
{
    private static Dataset Bytes(TempFolder folder, string shape, byte[] values, string? yaml = null)
    {
        if (yaml is not null)
        {
            DataFiles.Write(folder, "data.yaml", yaml);
        }

        return Dataset.Load(DataFiles.Write(folder, "input.npy", DataFiles.Npy("|u1", shape, values)));
    }

    private static float[] Floats(Dataset data, params int[] shape)
    {
        using DatasetBatch batch = data.Batch(0, data.Count, [new ModelInput("x", TensorElementType.Float, shape)]);
        return batch.Values["x"].GetTensorDataAsSpan<float>().ToArray();
    }

    [Fact]
    public void Values_are_scaled_then_normalised_channel_by_channel()
    {
        using TempFolder folder = new();
        Dataset data = Bytes(folder, "(1, 2, 1, 2)", [0, 255, 51, 102], "scale: 0.00392156862745098\nmean: [0.5, 0.2]\nstd: [0.5, 0.1]\n");
        Assert.Equal([-1, 1, 0, 2], Floats(data, -1, 2, 1, 2).Select(v => MathF.Round(v, 5)));
    }

    [Fact]
    public void Stored_NHWC_becomes_NCHW_and_back()
    {
        using TempFolder folder = new();
        byte[] pixels = [1, 2, 3, 4, 5, 6];
        Assert.Equal([1, 4, 2, 5, 3, 6], Floats(Bytes(folder, "(1, 1, 2, 3)", pixels, "array_layout: NHWC\nlayout: NCHW\n"), -1, 3, 1, 2));
        Assert.Equal([1, 3, 5, 2, 4, 6], Floats(Bytes(folder, "(1, 3, 1, 2)", pixels, "array_layout: NCHW\nlayout: NHWC\n"), -1, 1, 2, 3));
        Assert.Equal([3, 6, 2, 5, 1, 4], Floats(Bytes(folder, "(1, 1, 2, 3)", pixels, "array_layout: NHWC\nlayout: NCHW\nchannels: bgr\n"), -1, 3, 1, 2));
        Assert.Equal([5, 6, 3, 4, 1, 2], Floats(Bytes(folder, "(1, 3, 1, 2)", pixels, "channels: bgr\n"), -1, 3, 1, 2));
        Assert.Equal([1, 2, 3, 4, 5, 6], Floats(Bytes(folder, "(1, 6)", pixels, "shape: [2, 3]\n"), -1, 2, 3));
    }

    [Fact]
    public void A_model_that_takes_bytes_or_ids_gets_them_exactly()
    {
        using TempFolder folder = new();
        Dataset data = Bytes(folder, "(2, 2)", [0, 1, 200, 255]);
        using DatasetBatch batch = data.Batch(1, 1, [new ModelInput("x", TensorElementType.UInt8, [1, 2])]);
        Assert.Equal([200, 255], batch.Values["x"].GetTensorDataAsSpan<byte>().ToArray());
        using DatasetBatch wide = data.Batch(0, 2, [new ModelInput("x", TensorElementType.Int64, [-1, 2])]);
        Assert.Equal([0, 1, 200, 255], wide.Values["x"].GetTensorDataAsSpan<long>().ToArray());
        InputException error = Assert.Throws<InputException>(() => data.Batch(0, 2, [new ModelInput("x", TensorElementType.Int8, [-1, 2])]));
        Assert.Contains("holds 200", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_both_named()
    {
        using TempFolder folder = new();
        Dataset data = Bytes(folder, "(2, 2, 3)", new byte[12]);
        InputException error = Assert.Throws<InputException>(() => data.Batch(0, 1, [new ModelInput("x", TensorElementType.Float, [-1, 3, 2])]));
        Assert.Contains("[2, 3]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[?, 3, 2]", error.Message, StringComparison.Ordinal);
        Assert.Contains("fixed batch", Assert.Throws<InputException>(() => data.Batch(0, 2, [new ModelInput("x", TensorElementType.Float, [1, 2, 3])])).Message, StringComparison.Ordinal);
        Assert.Contains("no array for the model's input 'b'", Assert.Throws<InputException>(() => data.Batch(0, 1, [new ModelInput("a", TensorElementType.Float, [1, 2, 3]), new ModelInput("b", TensorElementType.Float, [1, 2, 3])])).Message.Replace("'a'", "'b'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Preprocessing_of_one_among_several_arrays_needs_its_name()
    {
        using TempFolder folder = new();
        string path = DataFiles.Write(folder, "a.npz", DataFiles.Zip(("a.npy", DataFiles.NpyOf("<f4", "(1, 1)", 4f)), ("b.npy", DataFiles.NpyOf("<f4", "(1, 1)", 4f))));
        DataFiles.Write(folder, "data.yaml", "scale: 0.5\n");
        Assert.Contains("name the one that is meant", Assert.Throws<InputException>(() => Dataset.Load(path)).Message, StringComparison.Ordinal);
        DataFiles.Write(folder, "data.yaml", "scale: 0.5\ninput: b\n");
        Assert.Equal([2], Floats(Dataset.Load(path), -1, 1));
    }

    /// <summary>Law: a shuffle holds each sample once, with its own label, and depends on the seed alone.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Shuffle_keeps_samples_and_labels_together(int seed)
    {
        using TempFolder folder = new();
        byte[] values = [.. Enumerable.Range(0, 100).Select(n => (byte)n)];
        string path = DataFiles.Write(folder, "a.npz", DataFiles.Zip(("x.npy", DataFiles.Npy("|u1", "(100, 1)", values)), ("labels.npy", DataFiles.Npy("|u1", "(100,)", values))));
        Dataset data = Dataset.Load(path);
        Dataset shuffled = data.Shuffle(seed);
        Assert.Equal(shuffled.Labels!, data.Shuffle(seed).Labels!);
        Assert.NotEqual(data.Labels!, shuffled.Labels!);
        Assert.Equal(data.Labels!, shuffled.Labels!.Order());
        Assert.Equal(shuffled.Labels!.Select(label => (float)label), Floats(shuffled, -1, 1));
        Assert.Equal(shuffled.Labels!.Take(7), shuffled.Take(7).Labels!);
        Assert.Equal([shuffled.Labels![5], shuffled.Labels![5]], shuffled.Subset([5, 5]).Labels!);
    }
}
