using System.Text.RegularExpressions;

namespace EdgePrune.Pruner.Coupling;

/// <summary>Axes that cannot be cut for the same reason.</summary>
/// <param name="Reason">Why; names in it left out where they differ.</param>
/// <param name="Axes">How many axes.</param>
/// <param name="Example">One of them.</param>
/// <param name="ExampleReason">Why that one, in full.</param>
public sealed partial record FrozenReason(string Reason, int Axes, TensorAxis Example, string ExampleReason)
{
    /// <summary>Frozen axes by reason, the most frequent first. Reasons that differ in the names in them only are one reason to a person.</summary>
    public static IReadOnlyList<FrozenReason> Of(IEnumerable<FrozenAxis> frozen)
    {
        ArgumentNullException.ThrowIfNull(frozen);
        return
        [
            .. frozen.GroupBy(f => Quoted().Replace(f.Reason, "'…'"), StringComparer.Ordinal)
                .OrderByDescending(g => g.Count())
                .Select(g => new FrozenReason(
                    g.All(f => f.Reason == g.First().Reason) ? g.First().Reason : g.Key, g.Count(), new TensorAxis(g.First().Tensor, g.First().Axis), g.First().Reason)),
        ];
    }

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Quoted();
}
