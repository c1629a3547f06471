using EdgePrune.Onnx;

namespace EdgePrune.Training.Data;

/// <summary>One key of <c>data.yaml</c> with its value or values, and the line for messages.</summary>
internal sealed record ManifestEntry(string Path, long Line, string Key, IReadOnlyList<string> Values)
{
    public InputException Bad(string why) => new($"{Path}, line {Line}: '{Key}' {why}");

    public string Text() => Values.Count == 1 && Values[0].Length > 0 ? Values[0] : throw Bad("needs one value");

    public IReadOnlyList<string> Names() =>
        Values.Count == 0 || Values.Any(value => value.Length == 0) || Values.Distinct(StringComparer.Ordinal).Count() != Values.Count
            ? throw Bad("needs a list of names, each once")
            : Values;

    public double Number() => Numbers() is [double value] ? value : throw Bad("needs one number");

    public IReadOnlyList<double> Numbers() =>
        Values.Count == 0
            ? throw Bad("needs at least one number")
            : [.. Values.Select(value => double.TryParse(value, out double number) && double.IsFinite(number) ? number : throw Bad($"has '{value}'; expected a number"))];

    public int[] Dimensions(int count)
    {
        int[] dims = [.. Values.Select(value => int.TryParse(value, out int number) && number > 0 ? number : throw Bad($"has '{value}'; expected whole numbers above zero"))];
        return dims.Length >= 1 && dims.Length <= count ? dims : throw Bad($"needs 1 to {count} whole numbers");
    }

    public T Choice<T>()
        where T : struct, Enum =>
        Enum.GetNames<T>().Contains(Text(), StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(Text(), ignoreCase: true)
            : throw Bad($"is '{Text()}'; expected one of {string.Join(", ", Enum.GetNames<T>())}");
}
