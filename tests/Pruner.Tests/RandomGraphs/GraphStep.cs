using System.Globalization;

namespace Pruner.Tests.RandomGraphs;

/// <summary>One step in the making of a random graph.</summary>
/// <param name="Name">Of the step, see <see cref="RandomSteps"/>.</param>
/// <param name="Source">Which of the values that fit is taken: its number, modulo their count.</param>
/// <param name="Width">A width, as far as the step has one to choose.</param>
/// <param name="Variant">Which form of the operator.</param>
internal sealed record GraphStep(string Name, int Source, int Width, int Variant)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} {Source} {Width} {Variant}");

    public static GraphStep Parse(string text)
    {
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new GraphStep(string.Join(' ', parts[..^3]), Number(parts[^3]), Number(parts[^2]), Number(parts[^1]));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
