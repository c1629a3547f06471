using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using Google.Protobuf;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.TestSupport.Hostile;

/// <summary>Tensors that do not hold what they declare, in the file and beside it.</summary>
internal static partial class HostileModels
{
    private static IEnumerable<HostileModel> Tensors()
    {
        yield return Weight("wrong dimension", "need", w => w.Dims[0] = 5);
        yield return Weight("negative dimension", "negative", w => w.Dims[0] = -4);
        yield return Weight("two negative dimensions", "negative", w => (w.Dims[0], w.Dims[1]) = (-4, -3));
        yield return Weight("dimensions that overflow to the right count", "more elements", w => w.Dims.AddRange([1L << 32, 1L << 32, 1L << 62]));
        yield return Weight("dimensions of 2^63 - 1", "more elements", w => (w.Dims[0], w.Dims[1]) = (long.MaxValue, long.MaxValue));
        yield return Weight("zero behind absurd dimensions", "more elements", w => w.Dims.AddRange([long.MaxValue, long.MaxValue, 0]));
        yield return Weight("no dimensions", "need", w => w.Dims.Clear());
        yield return Weight("100,000 dimensions of two", "more elements", w => w.Dims.AddRange(Enumerable.Repeat(2L, 100_000)));
        yield return Weight("raw data one byte short", "bytes of raw data", w => w.RawData = ByteString.CopyFrom(w.RawData.Span[..^1]));
        yield return Weight("raw data one byte long", "bytes of raw data", w => w.RawData = ByteString.CopyFrom([.. w.RawData.Span, 0]));
        yield return Weight("raw data empty", "bytes of raw data", w => w.RawData = ByteString.Empty);
        yield return Weight("no data", "float_data", w => w.ClearRawData());
        yield return Weight("raw data and typed data", "only one", w => w.FloatData.Add(1));
        yield return Weight("data in the wrong typed field", "float_data", w =>
        {
            w.ClearRawData();
            w.Int32Data.AddRange(Enumerable.Range(0, 108));
        });
        yield return Weight("element type missing", "Undefined", w => w.ClearDataType());
        yield return Weight("element type 99", "element type 99", w => w.DataType = 99);
        yield return Weight("element type -1", "element type -1", w => w.DataType = -1);
        yield return Weight("weights of text", "strings", w => w.DataType = (int)DataType.String);
        yield return Weight("weights of text that are there", Runtime, w =>
        {
            w.DataType = (int)DataType.String;
            w.ClearRawData();
            w.StringData.AddRange(Enumerable.Repeat(ByteString.CopyFromUtf8("1"), 108));
        });
        yield return Weight("weights of int64", Runtime, w => Become(w, DataType.Int64, new byte[108 * 8]));
        yield return Weight("weights of double where the input is float", Runtime, w => Become(w, DataType.Double, new byte[108 * 8]));
        yield return Weight("weights in segments", "segments", w => w.Segment = new Segment { Begin = 0, End = 1 });
        yield return Weight("weights of rank 3", Runtime, Three);
        yield return Edit("Constant whose value is cut off", "need", m => m.Graph.Node.Add(Node("Constant", [], ["k"], new AttributeProto
        {
            Name = "value",
            Type = AttributeProto.Types.AttributeType.Tensor,
            T = new TensorProto { DataType = (int)DataType.Float, Dims = { 1_000_000 }, RawData = ByteString.CopyFrom(1, 2, 3) },
        })));
        yield return Sparse("sparse of 10^15 elements", "once it is dense", s => s.Dims.AddRange([1_000_000_000, 1_000_000]));
        yield return Sparse("sparse index outside", "outside", s => s.Dims.Add(1));
        yield return Sparse("sparse without indices", "no indices", s => s.Indices = null);
        yield return Sparse("sparse without values", "without values", s => s.Values = null);
        yield return Sparse("sparse with float indices", "int64", s => s.Indices = TensorEditor.FromFloats("", [1], 1));
        yield return Sparse("sparse with too many indices", "with indices of shape", s => s.Indices = TensorEditor.FromInts("", [1, 2, 3], 3));
    }

    private static IEnumerable<HostileModel> External()
    {
        const string Plain = "plain file name";
        string[] escapes = ["../w.bin", "/etc/passwd", "sub/w.bin", "..\\w.bin", "C:\\w.bin", "C:w.bin", "\\\\host\\share\\w", "w.bin\0.txt", "..", ".", "", "./w.bin", "w.bin.", "w.bin ", "w.bin::$DATA", "NUL", "com1.bin", "file:w.bin", "w\n.bin", new string('w', 300)];
        foreach (string escape in escapes)
        {
            yield return Outside($"external data at '{(escape.Length > 40 ? "a long name" : escape.Replace("\0", "NUL", StringComparison.Ordinal).Replace("\n", "LF", StringComparison.Ordinal))}'", Plain, escape);
        }

        yield return Outside("external data at an encoded escape", "does not exist", "%2e%2e%2fw.bin");
        yield return Outside("external data missing", "does not exist", "none.bin");
        yield return Outside("external data shorter than declared", "not within", "w.bin", folder => Put(folder, "w.bin", new byte[100]));
        yield return Outside("external data empty", "not within", "w.bin", folder => Put(folder, "w.bin", []));
        yield return Outside("external offset beyond the end", "not within", "w.bin", Full, ("offset", "1"));
        yield return Outside("external offset of 2^63 - 1", "not within", "w.bin", Full, ("offset", "9223372036854775807"));
        yield return Outside("external offset of 2^64", "not an offset", "w.bin", Full, ("offset", "18446744073709551616"));
        yield return Outside("external offset negative", "not an offset", "w.bin", Full, ("offset", "-1"));
        yield return Outside("external offset in words", "not an offset", "w.bin", Full, ("offset", "zero"));
        yield return Outside("external length that disagrees", "is said to hold", "w.bin", Full, ("length", "100"));
        yield return Outside("external length huge", "is said to hold", "w.bin", Full, ("length", "9223372036854775807"));
        yield return Outside("external location twice", "given twice", "w.bin", Full, ("location", "w.bin"));
        yield return Outside("external data in a folder", "is a folder", "w.bin", folder => Directory.CreateDirectory(Path.Combine(folder, "w.bin")));
        yield return Outside("external data that are the model itself", "not within", "model.onnx", null, ("offset", "100000"));
        yield return Weight("external and raw data", "in the model and in an external file", w => External(w, "w.bin"));
        yield return Weight("external file named but not said to be used", "does not say", w =>
        {
            External(w, "w.bin");
            w.ClearDataLocation();
        });
        yield return Weight("external tensor of 2^40 bytes", "larger than the limit", w =>
        {
            External(w, "w.bin");
            w.ClearRawData();
            w.Dims.Add(1L << 40);
        });
        if (OperatingSystem.IsLinux())
        {
            yield return Outside("external data behind a link", "is a link", "w.bin", folder => Link(folder, "w.bin", Path.GetFileName(Put(folder, "real.bin", new byte[432]))));
            yield return Outside("external data behind a link to nowhere", "is a link", "w.bin", folder => Link(folder, "w.bin", "nowhere"));
            yield return Outside("external data behind a hard link", "hard link", "w.bin", folder => HardLink(Put(folder, "real.bin", new byte[432]), Path.Combine(folder, "w.bin")));
            yield return Outside("external data in a FIFO", "no ordinary file", "w.bin", folder => Fifo(folder, "w.bin"));
        }

        static void Full(string folder) => Put(folder, "w.bin", new byte[432]);
    }

    private static HostileModel Weight(string name, string words, Action<TensorProto> edit) => Edit(name, words, m => edit(m.Graph.Initializer[0]));

    private static void Become(TensorProto weight, DataType type, byte[] raw)
    {
        weight.DataType = (int)type;
        weight.RawData = ByteString.CopyFrom(raw);
    }

    private static void Three(TensorProto weight)
    {
        weight.Dims.Clear();
        weight.Dims.AddRange([4, 3, 9]);
    }

    private static HostileModel Sparse(string name, string words, Action<SparseTensorProto> edit) => Edit(name, words, m =>
    {
        var sparse = new SparseTensorProto { Values = TensorEditor.FromFloats("s", [1], 1), Indices = TensorEditor.FromInts("", [5], 1) };
        edit(sparse);
        m.Graph.SparseInitializer.Add(sparse);
    });

    private static HostileModel Outside(string name, string words, string location, Action<string>? prepare = null, params (string Key, string Value)[] entries) =>
        new(name, folder =>
        {
            ModelProto model = Sound();
            TensorProto weight = model.Graph.Initializer[0];
            weight.ClearRawData();
            External(weight, location);
            weight.ExternalData.AddRange(entries.Select(e => new StringStringEntryProto { Key = e.Key, Value = e.Value }));
            string path = Put(folder, "model.onnx", model.ToByteArray());
            prepare?.Invoke(folder);
            return path;
        }, words);

    private static void External(TensorProto tensor, string location)
    {
        tensor.DataLocation = DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
    }
}
