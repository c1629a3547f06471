namespace Pruner.Tests.RandomGraphs;

/// <summary>Every step that a random graph can take, by name. A step for which no value fits does nothing.</summary>
internal static class RandomSteps
{
    public static IReadOnlyDictionary<string, Action<GrownGraph, GraphStep>> All { get; } =
        new[] { ConvolutionSteps.All, ElementwiseSteps.All, ChannelSteps.All, ShapeSteps.All, TokenSteps.All, RecurrentSteps.All }
            .SelectMany(s => s).ToDictionary(StringComparer.Ordinal);

    /// <summary>2 to 12, even.</summary>
    public static int Wide(this GraphStep step) => 2 * (step.Width + 1);

    public static bool Flag(this GraphStep step, int bit = 0) => (step.Variant >> bit & 1) != 0;
}
