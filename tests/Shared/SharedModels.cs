using System.IO.Compression;
using EdgePrune.Onnx;

namespace EdgePrune.TestSupport;

/// <summary>The real models beside the checkout.</summary>
internal static class SharedModels
{
    public static IReadOnlyList<string> All { get; } =
    [
        "cifar10/resnet8_cifar10.onnx", "cifar10/resnet20_cifar10.onnx", "cifar10/resnet56_cifar10.onnx",
        "kws/kws_dscnn.onnx", "kws/streaming_wakeword.onnx",
        "imagenet/mobilenet_v1_0.25_128_dequant.onnx.gz", "imagenet/mobilenet_v1_0.5_160_dequant.onnx.gz",
        "imagenet/squeezenet_v1.0_deepcompression.onnx.gz",
        "detect/version-RFB-320.onnx",
        "transformer/ch_PP-OCRv4_rec_infer.onnx", "transformer/CCT_2_32_32_128_Opset20.network.onnx",
        "fashion/fashion_cnn.onnx", "mlperf/vww_mobilenetv1_025_96.onnx", "mlperf/ad01_autoencoder.onnx",
        "topologies/light_bvlc_alexnet.onnx", "topologies/light_densenet121.onnx", "topologies/light_resnet50.onnx",
        "topologies/light_shufflenet.onnx", "topologies/light_squeezenet.onnx",
    ];

    /// <summary>Loads a model of <see cref="All"/>, unpacking it where needed; skips the running test where it is missing.</summary>
    public static OnnxModel Load(string relative)
    {
        string path = SharedData.Require(relative);
        if (!path.EndsWith(".gz", StringComparison.Ordinal))
        {
            return OnnxModel.Load(path);
        }

        using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        return OnnxModel.FromBytes(bytes.ToArray(), relative);
    }
}
