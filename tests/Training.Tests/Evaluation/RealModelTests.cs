using EdgePrune.Onnx.Sessions;
using EdgePrune.TestSupport;
using EdgePrune.Training.Data;
using EdgePrune.Training.Evaluation;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Tests.Evaluation;

/// <summary>Real models on real data. The first 1,000 test images stand for the whole test set, to keep the suite short.</summary>
public sealed class RealModelTests
{
    private static double Accuracy(string model, Dataset data)
    {
        using InferenceSession session = new(model);
        return Evaluator.Run(session, data, 100, cancellation: TestContext.Current.CancellationToken).Accuracy;
    }

    private static string Sample(string name) => Path.Combine(Repository.Root, "samples", "digits", name);

    [Fact]
    public void Digits_sample_is_right_on_98_percent_of_its_test_split()
    {
        Assert.True(Accuracy(Sample("digits.onnx"), Dataset.Load(Sample("test.npz"))) >= 0.98);
    }

    [Fact]
    public void Digits_splits_have_every_class_and_share_no_image()
    {
        HashSet<string> seen = [];
        int total = 0;
        foreach (string split in new[] { "train.npz", "calibration.npz", "test.npz" })
        {
            Dataset data = Dataset.Load(Sample(split));
            Assert.Equal(10, data.Labels!.Distinct().Count());
            using DatasetBatch batch = data.Batch(0, data.Count, [new ModelInput("input", Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, [-1, 1, 8, 8])]);
            float[] pixels = batch.Values["input"].GetTensorDataAsSpan<float>().ToArray();
            Assert.Equal((0, 1), (pixels.Min(), pixels.Max()));
            seen.UnionWith(pixels.Chunk(64).Select(image => string.Join(' ', image)));
            total += data.Count;
        }

        Assert.Equal(1797, total);
        Assert.Equal(total, seen.Count);
    }

    [Fact]
    public void Cifar10_resnet20()
    {
        Dataset data = Dataset.Load(SharedData.Require("cifar10/test_10000.npz"));
        Assert.Equal((10_000, 10), (data.Count, data.ClassNames!.Count));
        Assert.InRange(Accuracy(SharedData.Require("cifar10/resnet20_cifar10.onnx"), data.Take(1000)), 0.90, 0.935);
    }

    [Fact]
    public void Cifar10_resnet8_takes_raw_pixels()
    {
        Dataset data = Dataset.Load(SharedData.Require("cifar10/test_10000.npz"), new DatasetOptions { IgnoreManifest = true });
        Assert.InRange(Accuracy(SharedData.Require("cifar10/resnet8_cifar10.onnx"), data.Take(1000)), 0.85, 0.895);
    }

    [Fact]
    public void Fashion_from_idx()
    {
        string images = SharedData.Require("fashion/fashion-t10k-images-idx3-ubyte.gz");
        using TempFolder folder = new();
        string manifest = folder.File("data.yaml");
        File.WriteAllText(manifest, "scale: 0.00392156862745098\n");
        Dataset data = Dataset.Load(images, new DatasetOptions { ManifestPath = manifest, RequireLabels = true });
        Assert.Equal(10_000, data.Count);
        Assert.InRange(Accuracy(SharedData.Require("fashion/fashion_cnn.onnx"), data.Take(1000)), 0.91, 0.955);
    }

    [Fact]
    public void Tables_and_bare_numbers_of_the_shared_data_load()
    {
        string table = SharedData.Require("tabular/ai4i2020.csv.gz");
        using TempFolder folder = new();
        string manifest = folder.File("data.yaml");
        File.WriteAllText(manifest, "labels: Machine failure\ncategorical: [Type]\ndrop: [UDI, Product ID, TWF, HDF, PWF, OSF, RNF]\n");
        Dataset failures = Dataset.Load(table, new DatasetOptions { ManifestPath = manifest });
        Assert.Equal((10_000, 6, 339), (failures.Count, failures.Inputs[0].Shape[0], failures.Labels!.Count(label => label == 1)));

        Assert.Equal([26], Dataset.Load(SharedData.Require("tabular/cmapss_train_FD001.txt.gz")).Inputs[0].Shape);
        Dataset words = Dataset.Load(SharedData.Require("kws/sww_calib_specs_f32_45x30x1x40.bin"));
        Assert.Equal((45, 45), (words.Count, words.Labels!.Count));
        Assert.Equal([48, 320], Dataset.Load(SharedData.Require("transformer/synthetic_text_400x48x320_u8.bin.gz")).Inputs[0].Shape);
    }
}
