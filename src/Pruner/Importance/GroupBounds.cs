using System.IO.Enumeration;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Importance;

/// <summary>How many units of each group must and may stay, by group id.</summary>
/// <param name="Least">At least 1 each.</param>
/// <param name="Most">At most all.</param>
public sealed record GroupBounds(IReadOnlyList<int> Least, IReadOnlyList<int> Most)
{
    /// <summary>Both by group id.</summary>
    public IReadOnlyDictionary<int, (int Least, int Most)> ByGroup => Least.Zip(Most).Select((b, g) => (b, g)).ToDictionary(p => p.g, p => (p.b.First, p.b.Second));

    /// <summary>What rules for layers mean for groups: a group has the tightest of the bounds of the layers that make it.</summary>
    /// <param name="coupling">The groups.</param>
    /// <param name="rules">What the user says.</param>
    /// <param name="floor">Share of each group that stays in any case.</param>
    /// <exception cref="InputException">A pattern matches no layer with units, two rules contradict each other, or nothing is left to prune.</exception>
    public static GroupBounds Of(CouplingResult coupling, IReadOnlyList<LayerRule> rules, double floor = 0)
    {
        ArgumentNullException.ThrowIfNull(coupling);
        ArgumentNullException.ThrowIfNull(rules);
        int[] least = [.. coupling.Groups.Select(g => Math.Max(1, (int)Math.Ceiling(floor * g.Units.Count)))];
        int[] most = [.. coupling.Groups.Select(g => g.Units.Count)];
        var unused = rules.ToHashSet(ReferenceEqualityComparer.Instance);
        foreach (UnitGroup group in coupling.Groups)
        {
            int count = group.Units.Count;
            double low = (double)least[group.Id] / count;
            double high = 1;
            foreach (LayerRule rule in rules.Where(r => Concerns(coupling, group, r)))
            {
                unused.Remove(rule);
                low = Math.Max(low, rule.IsProtected ? 1 : rule.Least);
                high = Math.Min(high, rule.Most);
            }

            least[group.Id] = Math.Clamp((int)Math.Ceiling((low * count) - 1e-9), 1, count);
            most[group.Id] = Math.Clamp((int)Math.Floor((high * count) + 1e-9), 1, count);
            if (least[group.Id] > most[group.Id])
            {
                throw new InputException(
                    $"the rules for layers contradict each other: of the {count} units of '{Printable.Name(group.Slices[0].Tensor)}' at least {least[group.Id]} must and at most {most[group.Id]} may stay");
            }
        }

        if (unused.FirstOrDefault() is LayerRule lost)
        {
            throw new InputException(
                $"no layer with units that can be pruned is named '{Printable.Name(lost.Pattern)}'; there are {string.Join(", ", Names(coupling).Take(8).Select(n => Printable.Name(n)))}, …");
        }

        return coupling.Groups.Count > 0 && coupling.Groups.All(g => least[g.Id] == g.Units.Count)
            ? throw new InputException("the rules for layers protect every unit that could be pruned; protect fewer layers")
            : new GroupBounds(least, most);
    }

    private static bool Concerns(CouplingResult coupling, UnitGroup group, LayerRule rule) => group.Units[0].Slices
        .Where(s => s.Role == SliceRole.Output || (rule.IsProtected && s.Role == SliceRole.Input))
        .SelectMany(s => NamesOf(coupling, s.Tensor))
        .Any(name => FileSystemName.MatchesSimpleExpression(rule.Pattern, name, ignoreCase: false));

    /// <summary>Names of nodes, values and weights that make a group's units.</summary>
    internal static IEnumerable<string> Makers(CouplingResult coupling, UnitGroup group) =>
        group.Units[0].Slices.Where(s => s.Role == SliceRole.Output).SelectMany(s => NamesOf(coupling, s.Tensor));

    private static IEnumerable<string> Names(CouplingResult coupling) => coupling.Groups
        .SelectMany(g => g.Units[0].Slices).Where(s => s.Role == SliceRole.Output).Select(s => s.Tensor).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> NamesOf(CouplingResult coupling, string tensor) =>
        coupling.Context.Index.Consumers(tensor).SelectMany((NodeProto n) => n.Name.Length > 0 ? [n.Name, n.Output[0]] : new[] { n.Output[0] }).Append(tensor);
}
