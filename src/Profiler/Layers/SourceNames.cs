using System.Text.RegularExpressions;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Profiler.Layers;

/// <summary>
/// Finds for each value of the optimised graph the value of the source graph that it holds. Most keep their names. Values in
/// blocked layout do not: they are called <c>reorder_token_N</c>, and what they hold follows from the Reorder node that leads in
/// or out, from the node's name (<c>&lt;output tensor&gt;_nchwc</c>, seen in ONNX Runtime 1.29.0), or from the graph around it.
/// </summary>
internal sealed partial class SourceNames
{
    private const string Blocked = "_nchwc";
    private readonly GraphIndex source;
    private readonly Dictionary<string, string> sourceOf = new(StringComparer.Ordinal);
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeProto> byName = new(StringComparer.Ordinal);

    public SourceNames(GraphProto sourceGraph, GraphProto optimized)
    {
        source = new GraphIndex(sourceGraph);
        known.UnionWith(sourceGraph.Input.Select(i => i.Name));
        known.UnionWith(sourceGraph.Node.SelectMany(n => n.Output).Where(o => o.Length > 0));
        foreach (IGrouping<string, NodeProto> group in sourceGraph.Node.Where(n => n.Name.Length > 0).GroupBy(n => n.Name))
        {
            byName[group.Key] = group.First();
        }

        foreach (NodeProto node in optimized.Node)
        {
            if (IsReorder(node) && known.Contains(node.Output[0]))
            {
                sourceOf[node.Input[0]] = node.Output[0];
            }
        }

        foreach (NodeProto node in optimized.Node)
        {
            Resolve(node);
        }
    }

    /// <summary>True for a node that only changes the layout of a value.</summary>
    public static bool IsReorder(NodeProto node) => node.OpType is "ReorderInput" or "ReorderOutput";

    /// <summary>The source value, or null for a value that only the runtime knows.</summary>
    public string? Of(string value) => known.Contains(value) ? value : sourceOf.GetValueOrDefault(value);

    private void Resolve(NodeProto node)
    {
        if (node.Output.Count == 0 || node.Output[0].Length == 0 || Of(node.Output[0]) is not null)
        {
            return;
        }

        string? held = IsReorder(node) ? Of(node.Input[0]) : AfterFusion(node, FromName(node) ?? FromInputs(node));
        if (held is not null)
        {
            sourceOf[node.Output[0]] = held;
        }
    }

    private string? FromName(NodeProto node)
    {
        string name = UniqueSuffix().Replace(node.Name, "");
        int blocked = name.LastIndexOf(Blocked, StringComparison.Ordinal);
        if (blocked > 0 && known.Contains(name[..blocked]))
        {
            return name[..blocked];
        }

        return byName.TryGetValue(name, out NodeProto? same) && same.OpType == node.OpType ? same.Output[0] : null;
    }

    private string? FromInputs(NodeProto node)
    {
        string?[] inputs = [.. node.Input.Select(Of)];
        return inputs.Length == 0 || inputs[0] is not { } first
            ? null
            : source.Consumers(first).FirstOrDefault(c =>
                c.OpType == node.OpType && c.Input.Count == inputs.Length && c.Input.Zip(inputs).All(p => p.First == p.Second))?.Output[0];
    }

    // The name of a blocked Conv is that of the convolution alone; a residual sum and an activation may follow inside it.
    private string? AfterFusion(NodeProto node, string? held)
    {
        if (held is not null && node.OpType == "Conv" && node.InputAt(3) is not null && Sole(held) is { OpType: "Add" or "Sum" } sum)
        {
            held = sum.Output[0];
        }

        string activation = node.GetString("activation", "");
        return held is not null && activation.Length > 0 && source.Producer(held)?.OpType != activation
            && Sole(held) is { } next && next.OpType == activation
            ? next.Output[0]
            : held;
    }

    private NodeProto? Sole(string value) =>
        source.Consumers(value) is [var only] && !source.Outputs.Contains(value) ? only : null;

    [GeneratedRegex("_token_[0-9]+$")]
    private static partial Regex UniqueSuffix();
}
