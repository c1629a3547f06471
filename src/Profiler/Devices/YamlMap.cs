using System.Globalization;
using EdgePrune.Onnx;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace EdgePrune.Profiler.Devices;

/// <summary>
/// A mapping of a YAML file, read key by key. A key that nobody asked for is a problem when <see cref="Close"/> is called;
/// so a typing error cannot silently mean "default".
/// </summary>
internal sealed class YamlMap
{
    private readonly Dictionary<string, YamlNode> entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);
    private readonly YamlProblems problems;
    private readonly string where;
    private readonly long line;

    public YamlMap(YamlNode node, string where, YamlProblems problems)
    {
        this.problems = problems;
        this.where = where;
        line = node.Start.Line;
        if (node is not YamlMappingNode map)
        {
            problems.Add(line, $"{where} must be a mapping of keys to values");
            return;
        }

        foreach ((YamlNode key, YamlNode value) in map.Children)
        {
            if (key is YamlScalarNode { Value: { } name })
            {
                entries[name] = value;
            }
            else
            {
                problems.Add(key.Start.Line, $"{where}: a key must be a plain word");
            }
        }
    }

    /// <summary>The root of a file's only document.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="file">How messages name the file.</param>
    /// <exception cref="InputException">It is not YAML, or not one document.</exception>
    public static YamlNode Root(string text, string file)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 1
                ? stream.Documents[0].RootNode
                : throw new InputException($"{file}:1: one YAML document was expected, {stream.Documents.Count} are there");
        }
        catch (YamlException broken)
        {
            throw new InputException($"{file}:{broken.Start.Line}: not YAML: {broken.Message}", broken);
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException or FormatException)
        {
            // The library's scanner fails this way on some unfinished lists, without a place.
            throw new InputException($"{file}:1: not YAML: a list, a mapping or a text in it does not end", broken);
        }
    }

    /// <summary>All keys, in the order of the file.</summary>
    public IReadOnlyCollection<string> Keys => entries.Keys;

    /// <summary>The first line of a key's value, or of the mapping where the key is missing.</summary>
    public long Line(string key) => entries.TryGetValue(key, out YamlNode? node) ? node.Start.Line : line;

    public string Text(string key) => OptionalText(key) ?? Missing(key, "");

    public string? OptionalText(string key)
    {
        if (!TryTake(key, out YamlNode? node))
        {
            return null;
        }

        if (node is YamlScalarNode { Value.Length: > 0 } scalar)
        {
            return scalar.Value;
        }

        problems.Add(node.Start.Line, $"{Path(key)} must be a text");
        return null;
    }

    public double Number(string key, double low, double high) => OptionalNumber(key, low, high) ?? Missing(key, low);

    public double? OptionalNumber(string key, double low, double high)
    {
        if (!TryTake(key, out YamlNode? node))
        {
            return null;
        }

        string range = string.Create(CultureInfo.InvariantCulture, $"{low} to {high}");
        if (node is YamlScalarNode { Style: ScalarStyle.Plain } scalar
            && double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && value >= low && value <= high)
        {
            return value;
        }

        problems.Add(node.Start.Line, $"{Path(key)} must be a number from {range}, not '{node}'");
        return low;
    }

    public int? OptionalInteger(string key, int low, int high)
    {
        if (!TryTake(key, out YamlNode? node))
        {
            return null;
        }

        if (TryInteger(node, low, high, out int value))
        {
            return value;
        }

        problems.Add(node.Start.Line, $"{Path(key)} must be a whole number from {low} to {high}, not '{node}'");
        return low;
    }

    public int Integer(string key, int low, int high) => OptionalInteger(key, low, high) ?? Missing(key, low);

    public bool Flag(string key) => OptionalFlag(key) ?? false;

    public bool? OptionalFlag(string key)
    {
        if (!TryTake(key, out YamlNode? node))
        {
            return null;
        }

        if (node is YamlScalarNode { Value: "true" or "false" } scalar)
        {
            return scalar.Value == "true";
        }

        problems.Add(node.Start.Line, $"{Path(key)} must be true or false, not '{node}'");
        return null;
    }

    /// <summary>A list of texts that may be left out.</summary>
    public IReadOnlyList<string>? OptionalTexts(string key)
    {
        if (!entries.ContainsKey(key))
        {
            asked.Add(key);
            return null;
        }

        var texts = new List<string>();
        foreach (YamlNode node in List(key))
        {
            if (node is YamlScalarNode { Value: { Length: > 0 } text })
            {
                texts.Add(text);
            }
            else
            {
                problems.Add(node.Start.Line, $"{Path(key)} holds texts, not '{node}'");
            }
        }

        return texts;
    }

    /// <summary>A text that stands for something else; null where it is missing or cannot be read.</summary>
    /// <param name="key">The key.</param>
    /// <param name="parse">Reads the text; what it throws is noted with the line.</param>
    public T? Parsed<T>(string key, Func<string, T> parse)
    {
        if (OptionalText(key) is not { } text)
        {
            return default;
        }

        try
        {
            return parse(text);
        }
        catch (InputException wrong)
        {
            problems.Add(Line(key), $"{Path(key)}: {wrong.Message}");
            return default;
        }
    }

    /// <summary>Notes a problem of a key's value.</summary>
    public void Add(string key, string problem) => problems.Add(Line(key), $"{Path(key)} {problem}");

    public IReadOnlyList<int> Integers(string key, int low, int high)
    {
        var values = new List<int>();
        foreach (YamlNode node in List(key))
        {
            if (TryInteger(node, low, high, out int value))
            {
                values.Add(value);
            }
            else
            {
                problems.Add(node.Start.Line, $"{Path(key)} holds whole numbers from {low} to {high}, not '{node}'");
            }
        }

        return values;
    }

    /// <summary>A section; an empty one, with the problem noted, where it is missing.</summary>
    public YamlMap Map(string key) => TryTake(key, out YamlNode? node)
        ? new YamlMap(node, Path(key), problems)
        : new YamlMap(Missing(key, new YamlMappingNode()), Path(key), problems) { IsMissing = true };

    /// <summary>A section that may be left out.</summary>
    public YamlMap? OptionalMap(string key) => TryTake(key, out YamlNode? node) ? new YamlMap(node, Path(key), problems) : null;

    public IReadOnlyList<YamlMap> Maps(string key) =>
        [.. List(key).Select((node, i) => new YamlMap(node, $"{Path(key)}[{i}]", problems))];

    /// <summary>Reports every key that was not asked for.</summary>
    public void Close()
    {
        foreach ((string key, YamlNode node) in entries)
        {
            if (!asked.Contains(key))
            {
                problems.Add(node.Start.Line, $"{Path(key)} is not a known key; known here: {string.Join(", ", asked)}");
            }
        }
    }

    private bool IsMissing { get; init; }

    private static bool TryInteger(YamlNode node, int low, int high, out int value)
    {
        value = 0;
        if (node is not YamlScalarNode { Style: ScalarStyle.Plain, Value: { } text })
        {
            return false;
        }

        bool parsed = text.StartsWith("0x", StringComparison.Ordinal)
            ? int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
        return parsed && value >= low && value <= high;
    }

    private IEnumerable<YamlNode> List(string key)
    {
        if (!TryTake(key, out YamlNode? node))
        {
            return Missing(key, new YamlSequenceNode()).Children;
        }

        if (node is YamlSequenceNode { Children.Count: > 0 } list)
        {
            return list.Children;
        }

        problems.Add(node.Start.Line, $"{Path(key)} must be a list with at least one entry");
        return [];
    }

    private bool TryTake(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out YamlNode? node)
    {
        asked.Add(key);
        return entries.TryGetValue(key, out node);
    }

    private T Missing<T>(string key, T standIn)
    {
        // One line for a missing section is enough; its keys are missing with it.
        if (!IsMissing)
        {
            problems.Add(line, $"{Path(key)} is missing");
        }

        return standIn;
    }

    private string Path(string key) => where.Length == 0 ? key : $"{where}.{key}";
}
