using EdgePrune.Onnx.Files;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Reading;
using EdgePrune.Onnx.Verification;
using Google.Protobuf;

namespace EdgePrune.Onnx;

/// <summary>
/// An ONNX model in memory. Whatever is loaded has passed <see cref="ModelVerifier"/>, has its external data embedded and its
/// nodes in execution order; what is saved is verified again and written atomically.
/// </summary>
public sealed class OnnxModel
{
    private const int ParserRecursion = 200;

    private OnnxModel(ModelProto proto, string? path, string source)
    {
        Proto = proto;
        Path = path;
        Source = source;
    }

    public ModelProto Proto { get; }

    public GraphProto Graph => Proto.Graph;

    /// <summary>The file that the model came from, or null.</summary>
    public string? Path { get; }

    /// <summary>What errors call the model: its file, or what its maker called it.</summary>
    public string Source { get; }

    /// <summary>Version of the standard operators.</summary>
    public int Opset => (int)(Proto.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version ?? 0);

    /// <summary>Reads and verifies a model file.</summary>
    /// <exception cref="InputException">The file is missing, too large, cut off, or not a sound model.</exception>
    public static OnnxModel Load(string path, ModelLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        limits ??= ModelLimits.Default;
        using FileBytes bytes = ReadFile(path, limits);
        return new OnnxModel(Parse(bytes.Span, bytes.AsStream(), path, path, limits), path, path);
    }

    /// <summary>A model from bytes; external data are refused.</summary>
    public static OnnxModel FromBytes(byte[] bytes, string source, ModelLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        using var stream = new MemoryStream(bytes, writable: false);
        return new OnnxModel(Parse(bytes, stream, null, source, limits ?? ModelLimits.Default), null, source);
    }

    /// <summary>Wraps a model made in memory, verified; <paramref name="source"/> names it in errors.</summary>
    public static OnnxModel FromProto(ModelProto proto, string source = "the model")
    {
        ArgumentNullException.ThrowIfNull(proto);
        ModelVerifier.Check(proto, source);
        return new OnnxModel(proto, null, source);
    }

    /// <summary>A deep copy.</summary>
    public OnnxModel Clone() => new(Proto.Clone(), Path, Source);

    public byte[] ToBytes() => Proto.ToByteArray();

    /// <summary>Verifies the model and writes it: a reader of <paramref name="path"/> sees the old file or the new one, whole.</summary>
    public void Save(string path)
    {
        ModelVerifier.Check(Proto, "the model to be saved");
        long size = Proto.CalculateSize();
        if (size is < 0 or > int.MaxValue)
        {
            throw new InputException("the model is larger than 2 GiB, which the ONNX file format cannot hold in one file");
        }

        AtomicFile.Write(path, stream =>
        {
            using var coded = new CodedOutputStream(stream, leaveOpen: true);
            Proto.WriteTo(coded);
        });
    }

    private static FileBytes ReadFile(string path, ModelLimits limits)
    {
        using FileStream file = PlainFile.OpenRead(path);
        try
        {
            long length = file.Length;
            if (length == 0)
            {
                throw new InputException($"{path} is empty; an .onnx file was expected");
            }

            long limit = Math.Min(limits.MaxFileBytes, Array.MaxLength);
            if (length > limit)
            {
                throw new InputException($"{path} has {length:N0} bytes; the limit is {limit:N0}");
            }

            return FileBytes.Read(file);
        }
        catch (IOException e)
        {
            throw new InputException($"{path} cannot be read: {e.Message}", e);
        }
    }

    private static ModelProto Parse(ReadOnlySpan<byte> bytes, Stream stream, string? path, string source, ModelLimits limits)
    {
        long values = WireScanner.Check(bytes, limits, source);
        ModelProto proto;
        try
        {
            using var coded = CodedInputStream.CreateWithLimits(stream, int.MaxValue, ParserRecursion);
            proto = ModelProto.Parser.ParseFrom(coded);
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new InputException($"{source}: not an ONNX model, or cut off: {broken.Message}", broken);
        }

        ExternalData.Embed(proto, path, limits.MaxInitializerBytes - values, source);
        ModelVerifier.Check(proto, source);
        // Exporters have written nodes out of order; ONNX Runtime sorts them, and so does everything here.
        List<NodeProto> order = TopologicalOrder.TryOf(proto.Graph, out _)!;
        if (!order.SequenceEqual(proto.Graph.Node, ReferenceEqualityComparer.Instance))
        {
            proto.Graph.Node.Clear();
            proto.Graph.Node.AddRange(order);
        }

        return proto;
    }
}
