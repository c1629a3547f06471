using EdgePrune.Onnx;
using EdgePrune.Training.Data.Formats;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EdgePrune.Training.Data;

/// <summary>
/// <c>data.yaml</c>: how the arrays or images beside it become a model's input. Every key is optional, an unknown one
/// is an error with its line.
/// <code>
/// input: pixels            # array that is the model's input; the only array needs no name
/// labels: labels           # array or column of class ids
/// classes: [cat, dog]      # names by class id
/// scale: 0.00392156862745  # model input = (value * scale - mean) / std
/// mean: [0.5, 0.5, 0.5]    # one number, or one a channel (a column, for tables)
/// std: 0.25
/// channels: rgb            # rgb, bgr or gray: what the model takes; data are held as RGB
/// layout: NCHW             # what the model takes
/// array_layout: NHWC       # how stored arrays lie; as 'layout' where not said
/// size: [32, 32]           # height and width to which images are resized
/// shape: [1, 8, 8]         # shape of one sample, for arrays and tables that are stored flat
/// columns: [a, b]          # columns of a table to take, in this order
/// drop: [id]               # columns of a table to leave out
/// categorical: [kind]      # columns of names; their values become ids in sorted order
/// </code>
/// </summary>
internal sealed record DataManifest
{
    public const string FileName = "data.yaml";

    public string? Path { get; init; }

    public string? Input { get; init; }

    public string? Labels { get; init; }

    public IReadOnlyList<string>? Classes { get; init; }

    public double? Scale { get; init; }

    public IReadOnlyList<double>? Mean { get; init; }

    public IReadOnlyList<double>? Std { get; init; }

    public ChannelOrder? Channels { get; init; }

    public TensorLayout? Layout { get; init; }

    public TensorLayout? ArrayLayout { get; init; }

    public (int Height, int Width)? Size { get; init; }

    public int[]? Shape { get; init; }

    public IReadOnlyList<string> Columns { get; init; } = [];

    public IReadOnlyList<string> Drop { get; init; } = [];

    public IReadOnlyList<string> Categorical { get; init; } = [];

    /// <summary>Whether any key asks for other values, shapes or orders than those stored.</summary>
    public bool ChangesValues => Scale is not null || Mean is not null || Std is not null || Channels is not null || Layout is not null || ArrayLayout is not null || Shape is not null;

    public static DataManifest Load(string path)
    {
        using FileStream file = BoundedReader.OpenFile(path);
        byte[] bytes = BoundedReader.ReadAll(file, DataLimits.ManifestBytes, path);
        DataManifest manifest = new() { Path = path };
        HashSet<string> seen = [];
        foreach (ManifestEntry entry in ReadEntries(path, bytes))
        {
            if (!seen.Add(entry.Key))
            {
                throw entry.Bad("appears twice; expected each key once");
            }

            manifest = manifest.With(entry);
        }

        return manifest;
    }

    private DataManifest With(ManifestEntry entry) => entry.Key switch
    {
        "input" => this with { Input = entry.Text() },
        "labels" => this with { Labels = entry.Text() },
        "classes" => this with { Classes = entry.Names() },
        "scale" => this with { Scale = entry.Number() },
        "mean" => this with { Mean = entry.Numbers() },
        "std" => this with { Std = entry.Numbers().All(value => value > 0) ? entry.Numbers() : throw entry.Bad("must be above zero") },
        "channels" => this with { Channels = entry.Choice<ChannelOrder>() },
        "layout" => this with { Layout = entry.Choice<TensorLayout>() },
        "array_layout" => this with { ArrayLayout = entry.Choice<TensorLayout>() },
        "size" => this with { Size = ToSize(entry) },
        "shape" => this with { Shape = entry.Dimensions(DataLimits.Rank) },
        "columns" => this with { Columns = entry.Names() },
        "drop" => this with { Drop = entry.Names() },
        "categorical" => this with { Categorical = entry.Names() },
        _ => throw entry.Bad("is not known; expected one of input, labels, classes, scale, mean, std, channels, layout, array_layout, size, shape, columns, drop, categorical"),
    };

    private static (int Height, int Width) ToSize(ManifestEntry entry)
    {
        int[] size = entry.Dimensions(2);
        int height = size[0], width = size[^1];
        return height <= DataLimits.ImageSide && width <= DataLimits.ImageSide && (long)height * width <= DataLimits.ImagePixels
            ? (height, width)
            : throw entry.Bad($"asks for {height} x {width} pixels; at most {DataLimits.ImageSide} a side and {DataLimits.ImagePixels:N0} in all are supported");
    }

    /// <summary>
    /// Read from the event stream, one flat mapping of scalars and flat lists: a document tree would recurse as deeply
    /// as a hostile file nests, and expand its aliases.
    /// </summary>
    private static List<ManifestEntry> ReadEntries(string path, byte[] bytes)
    {
        List<ManifestEntry> entries = [];
        try
        {
            Parser parser = new(new StreamReader(new MemoryStream(bytes)));
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                return entries;
            }

            parser.Consume<DocumentStart>();
            if (!parser.TryConsume<MappingStart>(out MappingStart? _))
            {
                throw new InputException($"{path}, line {parser.Current?.Start.Line}: expected 'key: value' lines");
            }

            while (!parser.TryConsume<MappingEnd>(out MappingEnd? _))
            {
                if (!parser.TryConsume<Scalar>(out Scalar? key))
                {
                    throw new InputException($"{path}, line {parser.Current?.Start.Line}: a key must be a plain word");
                }

                entries.Add(new ManifestEntry(path, key.Start.Line, key.Value, ReadValue(parser, path, key)));
            }

            parser.Consume<DocumentEnd>();
            return parser.TryConsume<StreamEnd>(out StreamEnd? _) ? entries : throw new InputException($"{path}: holds several documents; expected one");
        }
        catch (YamlException error)
        {
            throw new InputException($"{path}, line {error.Start.Line}: is not valid YAML: {error.Message}", error);
        }
    }

    private static List<string> ReadValue(Parser parser, string path, Scalar key)
    {
        if (parser.TryConsume<Scalar>(out Scalar? single))
        {
            return [single.Value];
        }

        if (!parser.TryConsume<SequenceStart>(out SequenceStart? _))
        {
            throw new InputException($"{path}, line {key.Start.Line}: '{key.Value}' must be a value or a flat list");
        }

        List<string> values = [];
        while (!parser.TryConsume<SequenceEnd>(out SequenceEnd? _))
        {
            values.Add(parser.TryConsume<Scalar>(out Scalar? item)
                ? item.Value
                : throw new InputException($"{path}, line {parser.Current?.Start.Line}: '{key.Value}' must be a flat list of plain values"));
        }

        return values;
    }
}
