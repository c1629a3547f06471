using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Pruner.Coupling;

namespace EdgePrune.Pruner.Surgery.Constants;

/// <summary>
/// Decides for each removed unit whether the constant that it carries can go into the biases of its readers, and what goes into
/// each. A constant is folded where it is proven that the channel does not depend on the model's inputs
/// (<see cref="ConstantFlow"/>) and seen that it is one number wherever a reader looks (<see cref="ConstantValues"/>).
/// </summary>
internal sealed class ConstantFolding
{
    private readonly Dictionary<int, UnitConstant> fates;
    private readonly Dictionary<ConstantReader, double[]> sums;

    private ConstantFolding(Dictionary<int, UnitConstant> fates, Dictionary<ConstantReader, double[]> sums)
    {
        this.fates = fates;
        this.sums = sums;
    }

    /// <summary>What becomes of the constant of each unit, by id.</summary>
    public IReadOnlyDictionary<int, UnitConstant> Fates => fates;

    /// <summary>What is added to each index of the output of a reader, in the original's width.</summary>
    public IReadOnlyDictionary<ConstantReader, double[]> Sums => sums;

    /// <summary>Decides.</summary>
    /// <param name="model">The original, or the original with single weights masked.</param>
    /// <param name="coupling">Its analysis.</param>
    /// <param name="wanted">Units that go, and what is wanted for the constant of each.</param>
    /// <param name="together">Units that must share one fate.</param>
    public static ConstantFolding Of(
        OnnxModel model, CouplingResult coupling, IReadOnlyDictionary<int, ConstantHandling> wanted, IEnumerable<IReadOnlyList<int>> together)
    {
        Dictionary<int, UnitConstant> fates = wanted.ToDictionary(w => w.Key, w => Before(coupling.Units[w.Key], w.Value));
        HashSet<int> open = [.. wanted.Where(w => w.Value != ConstantHandling.Drop && fates[w.Key].Reason is null).Select(w => w.Key)];
        if (open.Count == 0)
        {
            return new ConstantFolding(fates, []);
        }

        var facts = new ConstantFacts(coupling);
        List<ConstantReader> readers = Readers(facts, open, fates);
        IEnumerable<string> weights = facts.Index.Graph.Node.SelectMany(n => n.Input).Where(i => i.Length > 0 && facts.IsConstant(i) && !facts.IsPlain(i) && IsWeight(facts, i));
        using var values = ConstantValues.Of(model, facts, open.Select(id => coupling.Units[id]), readers.Select(r => r.Data).Concat(weights));
        var flow = new ConstantFlow(facts, values.IsZero);
        foreach (int id in open.Where(id => fates[id].Reason is null))
        {
            fates[id] = new UnitConstant(ConstantFate.Folded, null);
        }

        foreach (ConstantReader reader in readers)
        {
            Judge(reader, facts, flow, values, wanted, fates);
        }

        Unify(together, fates);
        var sums = new Dictionary<ConstantReader, double[]>();
        foreach (ConstantReader reader in readers)
        {
            if (Sum(reader, facts, values, fates) is { } sum)
            {
                sums[reader] = sum;
            }
        }

        return new ConstantFolding(fates, sums);
    }

    private static UnitConstant Before(Unit unit, ConstantHandling handling) => new(ConstantFate.Dropped, handling == ConstantHandling.Drop ? null
        : unit.Inexact is not null ? "cutting it and masking it differ by nature"
        : unit.Slices.Any(s => s.Role == SliceRole.Value) ? "an operator without weights reads it"
        : null);

    // Units that a plan names as one share a fate: where one is dropped all are. A unit may stand in several lists.
    private static void Unify(IEnumerable<IReadOnlyList<int>> together, Dictionary<int, UnitConstant> fates)
    {
        IReadOnlyList<int>[] lists = [.. together];
        for (bool changed = true; changed;)
        {
            changed = false;
            foreach (IReadOnlyList<int> units in lists)
            {
                UnitConstant? common = units.Select(u => fates[u]).FirstOrDefault(f => f.Fate == ConstantFate.Dropped)
                    ?? units.Select(u => fates[u]).FirstOrDefault(f => f.Fate == ConstantFate.FoldedPadded);
                foreach (int unit in units.Where(u => common is not null && fates[u].Fate != common.Fate))
                {
                    fates[unit] = common!;
                    changed = true;
                }
            }
        }
    }

    private static bool IsWeight(ConstantFacts facts, string value) => facts.Dims(value).Length >= 2 && facts.Coupling.LiveAxes(value).Any();

    // The readers of the units, and a reason for each unit that something else reads.
    private static List<ConstantReader> Readers(ConstantFacts facts, HashSet<int> open, Dictionary<int, UnitConstant> fates)
    {
        var readers = new List<ConstantReader>();
        foreach (NodeProto node in facts.Index.Graph.Node)
        {
            ConstantReader? reader = ConstantReader.Of(node, facts);
            if (reader is not null && facts.Units(reader.Data, reader.Axis)?.Any(open.Contains) == true)
            {
                readers.Add(reader);
            }
            else
            {
                reader = null;
            }

            bool understood = ConstantFlow.Understands(node, reader);
            HashSet<int> passed = [.. node.Output.SelectMany(o => UnitsOf(facts, o))];
            foreach (string input in GraphIndex.Reads(node).Where(i => !facts.IsConstant(i)).Distinct(StringComparer.Ordinal))
            {
                HashSet<int> own = reader is null || input != reader.Data ? [] : [.. facts.Units(reader.Data, reader.Axis)!];
                foreach (int unit in UnitsOf(facts, input).Where(u => open.Contains(u) && !own.Contains(u)))
                {
                    if (!understood || (!passed.Contains(unit) && !ConstantFlow.Selects(node)))
                    {
                        Refuse(fates, unit, $"{node.Describe()} reads it");
                    }
                }
            }
        }

        return readers;
    }

    private static IEnumerable<int> UnitsOf(ConstantFacts facts, string value) =>
        facts.Coupling.LiveAxes(value).SelectMany(axis => facts.Units(value, axis) ?? []).Where(u => u >= 0).Distinct();

    private static void Judge(
        ConstantReader reader,
        ConstantFacts facts,
        ConstantFlow flow,
        ConstantValues values,
        IReadOnlyDictionary<int, ConstantHandling> wanted,
        Dictionary<int, UnitConstant> fates)
    {
        int[] units = facts.Units(reader.Data, reader.Axis)!;
        for (int i = 0; i < units.Length; i++)
        {
            if (!fates.TryGetValue(units[i], out UnitConstant? fate) || fate.Fate == ConstantFate.Dropped)
            {
                continue;
            }

            string where = reader.Node.Describe();
            if (!flow.IsDetermined(reader.Data, reader.Axis, i))
            {
                Refuse(fates, units[i], $"what {where} reads of it depends on the model's input");
            }
            else if (values.Uniform(reader.Data, reader.Axis, i) is not { } constant)
            {
                Refuse(fates, units[i], $"what {where} reads of it differs from place to place");
            }
            else if (constant != 0 && reader.Refusal is { } refusal)
            {
                Refuse(fates, units[i], $"{where}: {refusal}");
            }
            else if (constant != 0 && reader.Pads && wanted[units[i]] != ConstantHandling.FoldPadded)
            {
                Refuse(fates, units[i], $"{where} pads its input with zeros");
            }
            else if (constant != 0 && reader.Pads)
            {
                fates[units[i]] = new UnitConstant(ConstantFate.FoldedPadded, null);
            }
        }
    }

    private static void Refuse(Dictionary<int, UnitConstant> fates, int unit, string reason) =>
        fates[unit] = fates[unit].Reason is null ? new UnitConstant(ConstantFate.Dropped, reason) : fates[unit];

    // What the folded channels add to each output; null where that is nothing.
    private static double[]? Sum(ConstantReader reader, ConstantFacts facts, ConstantValues values, Dictionary<int, UnitConstant> fates)
    {
        int[] units = facts.Units(reader.Data, reader.Axis)!;
        double[] constants = new double[units.Length];
        for (int i = 0; i < units.Length; i++)
        {
            bool folded = fates.TryGetValue(units[i], out UnitConstant? fate) && fate.Fate != ConstantFate.Dropped;
            constants[i] = folded ? values.Uniform(reader.Data, reader.Axis, i)!.Value : 0;
        }

        return constants.Any(c => c != 0) ? ConstantSum.Of(reader.Node, values.Floats(reader.Weights), facts.Dims(reader.Weights), constants) : null;
    }
}
