using System.Globalization;
using EdgePrune.Onnx;

namespace Pruner.Tests.RandomGraphs;

/// <summary>
/// All that a random graph is made from, in a line of text that makes it again: <c>17: conv 0 4 1; relu 0 0 0</c>.
/// </summary>
internal sealed record GraphRecipe(int Opset, IReadOnlyList<GraphStep> Steps)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Opset}: {string.Join("; ", Steps)}");

    public static GraphRecipe Parse(string text)
    {
        string[] parts = text.Split(':');
        return new GraphRecipe(
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            [.. parts[1].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(GraphStep.Parse)]);
    }

    /// <summary>A recipe without FsCheck, for tests that want a few graphs and no shrinking.</summary>
    public static GraphRecipe Draw(int seed)
    {
        var random = new Random(seed);
        string[] names = [.. RandomSteps.All.Keys.Order(StringComparer.Ordinal)];
        int count = random.Next(2, 13);
        return new GraphRecipe(
            random.Next(2) == 0 ? 17 : 21,
            [.. Enumerable.Range(0, count).Select(_ => new GraphStep(names[random.Next(names.Length)], random.Next(8), random.Next(6), random.Next(6)))]);
    }

    public OnnxModel Build()
    {
        var grown = new GrownGraph(Opset);
        foreach (GraphStep step in Steps)
        {
            RandomSteps.All[step.Name](grown, step);
        }

        return grown.Finish();
    }
}
