using System.Globalization;
using EdgePrune.Pruner.Budget;
using YamlDotNet.RepresentationModel;

namespace EdgePrune.Pruner.Recipes;

/// <summary>Writes keys of one section, those alone that say something.</summary>
internal sealed class RecipeWriter
{
    private readonly YamlMappingNode node = new();

    /// <summary>True where nothing was written.</summary>
    public bool IsEmpty => node.Children.Count == 0;

    public YamlNode Node => node;

    public void Text(string key, string? value)
    {
        if (value is not null)
        {
            node.Add(key, new YamlScalarNode(value));
        }
    }

    public void Texts(string key, IEnumerable<string>? values)
    {
        if (values is not null)
        {
            node.Add(key, Flow(values));
        }
    }

    public void Word<T>(string key, T? value)
        where T : struct, Enum => Text(key, value is { } word ? Words.Of(word) : null);

    public void Number(string key, double value, double otherwise) => Text(key, value == otherwise ? null : value.ToString("R", CultureInfo.InvariantCulture));

    public void Percent(string key, double value, double otherwise) => Text(key, value == otherwise ? null : ExactNumber.Percent(value));

    public void Flag(string key, bool value, bool otherwise) => Text(key, value == otherwise ? null : value ? "true" : "false");

    public void Map(string key, RecipeWriter map)
    {
        if (!map.IsEmpty)
        {
            node.Add(key, map.Node);
        }
    }

    private static YamlSequenceNode Flow(IEnumerable<string> values) =>
        new(values.Select(v => new YamlScalarNode(v))) { Style = YamlDotNet.Core.Events.SequenceStyle.Flow };
}
