using System.Globalization;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using Google.Protobuf;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Onnx.Reading;

/// <summary>
/// Brings initializers that live in files beside the model into the model. Such a file must be a plain, ordinary file in the
/// model's own folder: path escapes through this field were closed in the reference implementation only after years
/// (CVE-2022-25882, CVE-2024-27318, CVE-2025-51480), so everything else is refused.
/// </summary>
internal static class ExternalData
{
    /// <param name="model">The model, changed in place.</param>
    /// <param name="modelPath">The model's own file, or null where it has none and external data are refused.</param>
    /// <param name="left">Bytes that external data may still take.</param>
    /// <param name="source">Names the model in errors.</param>
    public static void Embed(ModelProto model, string? modelPath, long left, string source)
    {
        foreach (TensorProto tensor in Tensors(model))
        {
            if (tensor.DataLocation != DataLocation.External)
            {
                if (tensor.ExternalData.Count > 0)
                {
                    throw new InputException($"{source}: {TensorReader.Describe(tensor)} names an external file but does not say that its data are there");
                }

                continue;
            }

            if (modelPath is null)
            {
                throw new InputException($"{source}: {TensorReader.Describe(tensor)} lives in a file beside the model; a model without a folder has none");
            }

            left = EmbedOne(tensor, Path.GetDirectoryName(Path.GetFullPath(modelPath))!, left, source);
        }
    }

    private static long EmbedOne(TensorProto tensor, string folder, long left, string source)
    {
        string what = $"{source}: {TensorReader.Describe(tensor)}";
        string location = "";
        long offset = 0;
        long? length = null;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in tensor.ExternalData)
        {
            if (!keys.Add(entry.Key))
            {
                throw new InputException($"{what}: '{Printable.Name(entry.Key)}' of its external data is given twice");
            }

            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset":
                    offset = Number(entry.Value, what);
                    break;
                case "length":
                    length = Number(entry.Value, what);
                    break;
            }
        }

        if (tensor.HasRawData || tensor.FloatData.Count + tensor.Int32Data.Count + tensor.Int64Data.Count + tensor.DoubleData.Count + tensor.Uint64Data.Count > 0)
        {
            throw new InputException($"{what} has data in the model and in an external file");
        }

        string path = Resolve(location, folder, what);
        long bytes = ElementTypes.Bytes(ElementTypes.TypeOf(tensor), ElementTypes.Count(tensor.Dims, what), what);
        if (length is { } stated && stated != bytes)
        {
            throw new InputException($"{what}: its dimensions and type need {bytes} bytes, the external file is said to hold {stated}");
        }

        if (bytes > left)
        {
            throw new InputException($"{what}: the initializers are larger than the limit");
        }

        using FileStream file = PlainFile.OpenUntrusted(path, what);
        if (offset > file.Length || bytes > file.Length - offset)
        {
            throw new InputException($"{what}: {bytes:N0} bytes from {offset:N0} on are not within the external file '{location}' of {file.Length:N0} bytes");
        }

        byte[] data = new byte[bytes];
        try
        {
            file.Position = offset;
            file.ReadExactly(data);
        }
        catch (IOException failed)
        {
            throw new InputException($"{what}: the external file '{location}' cannot be read: {failed.Message}", failed);
        }

        tensor.RawData = UnsafeByteOperations.UnsafeWrap(data);
        tensor.ExternalData.Clear();
        tensor.ClearDataLocation();
        return left - bytes;
    }

    private static string Resolve(string location, string folder, string what)
    {
        bool plain = location.Length is > 0 and < 256
            && location is not ("." or "..")
            && location.IndexOfAny(['/', '\\', ':', '\0']) < 0
            && !location.Any(char.IsControl)
            && location[^1] is not ('.' or ' ') // Windows drops these, so two names would be one file
            && !IsDevice(location);
        return plain
            ? Path.Combine(folder, location)
            : throw new InputException($"{what}: external data must be a plain file name in the model's own folder, not '{Printable.Name(location)}'");
    }

    private static long Number(string text, string what) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new InputException($"{what}: '{Printable.Name(text)}' is not an offset or length");

    // Names that mean a device in every folder on Windows, whatever their extension.
    private static bool IsDevice(string location)
    {
        string stem = location.Split('.')[0].TrimEnd().ToUpperInvariant();
        return stem is "CON" or "PRN" or "AUX" or "NUL"
            || (stem.Length == 4 && (stem.StartsWith("COM", StringComparison.Ordinal) || stem.StartsWith("LPT", StringComparison.Ordinal)) && char.IsAsciiDigit(stem[3]));
    }

    private static IEnumerable<TensorProto> Tensors(ModelProto model)
    {
        IEnumerable<TensorProto> all = model.Graph is null ? [] : Tensors(model.Graph);
        return all
            .Concat(model.Functions.SelectMany(f => f.Node).SelectMany(Tensors))
            .Concat(model.TrainingInfo.SelectMany(t => new[] { t.Initialization, t.Algorithm }).OfType<GraphProto>().SelectMany(Tensors));
    }

    private static IEnumerable<TensorProto> Tensors(GraphProto graph) =>
        graph.Initializer
            .Concat(graph.SparseInitializer.SelectMany(s => new[] { s.Values, s.Indices }).OfType<TensorProto>())
            .Concat(graph.Node.SelectMany(Tensors));

    private static IEnumerable<TensorProto> Tensors(NodeProto node) =>
        node.Attribute.SelectMany(a => a.T is null ? a.Tensors : a.Tensors.Append(a.T))
            .Concat(node.Attribute.SelectMany(a => new[] { a.SparseTensor }.Concat(a.SparseTensors).OfType<SparseTensorProto>()).SelectMany(s => new[] { s.Values, s.Indices }).OfType<TensorProto>())
            .Concat(GraphIndex.Subgraphs(node).SelectMany(Tensors));
}
