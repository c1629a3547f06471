using System.Globalization;
using System.IO.Compression;
using EdgePrune.Bench.CouplingTable;
using EdgePrune.Bench.CouplingTable.Networks;
using EdgePrune.Onnx;

if (args.Length == 0)
{
    Console.Error.WriteLine("usage: coupling-table FOLDER|MODEL.onnx[.gz]...");
    return 2;
}

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.WriteLine(Row.Heading);
foreach (string path in args.SelectMany(Models))
{
    Print(Path.GetFileName(path).Replace(".gz", "", StringComparison.Ordinal), () => Load(path));
}

Print("VGG-16 for 32 × 32, generated", Vgg.Make);
Print("GoogLeNet (Inception), generated", GoogLeNet.Make);
Print("YOLOv8n with its head, generated", Yolo.Make);
Print("ViT-Tiny, fused qkv, generated", VisionTransformer.Make);
Print("text encoder of 4 layers, generated", TextEncoder.Make);
return 0;

static void Print(string name, Func<OnnxModel> load)
{
    Console.WriteLine(Row.Of(name, load()));
    Console.Out.Flush();
}

static IEnumerable<string> Models(string path) => Directory.Exists(path)
    ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
        .Where(f => f.EndsWith(".onnx", StringComparison.Ordinal) || f.EndsWith(".onnx.gz", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
    : [path];

static OnnxModel Load(string path)
{
    if (!path.EndsWith(".gz", StringComparison.Ordinal))
    {
        return OnnxModel.Load(path);
    }

    using var packed = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
    using var bytes = new MemoryStream();
    packed.CopyTo(bytes);
    return OnnxModel.FromBytes(bytes.ToArray(), path);
}
