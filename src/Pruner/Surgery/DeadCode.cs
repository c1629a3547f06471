using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Pruner.Surgery;

/// <summary>Drops from a graph what serves none of its outputs: nodes, initializers, and declarations of values that are gone.</summary>
internal static class DeadCode
{
    public static void Remove(GraphProto graph)
    {
        var index = new GraphIndex(graph);
        var needed = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var values = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(graph.Output.Select(o => o.Name));
        while (open.TryPop(out string? value))
        {
            if (values.Add(value) && index.Producer(value) is { } node && needed.Add(node))
            {
                foreach (string read in GraphIndex.Reads(node))
                {
                    open.Push(read);
                }
            }
        }

        // Scales and zero points that annotations name are read by nobody else.
        HashSet<string> made = [.. needed.SelectMany(n => n.Output)];
        foreach (TensorAnnotation annotation in graph.QuantizationAnnotation.Where(a => values.Contains(a.TensorName) || made.Contains(a.TensorName)))
        {
            values.UnionWith(annotation.QuantParameterTensorNames.Select(p => p.Value));
        }

        HashSet<string> stored = [.. graph.Initializer.Select(i => i.Name), .. graph.SparseInitializer.Select(s => s.Values?.Name ?? "")];
        Keep(graph.Node, needed.Contains);
        Keep(graph.Initializer, i => values.Contains(i.Name));
        Keep(graph.SparseInitializer, s => values.Contains(s.Values?.Name ?? ""));
        // What a caller feeds stays, read or not; up to IR version 3 initializers are among the inputs too.
        Keep(graph.Input, i => values.Contains(i.Name) || !stored.Contains(i.Name));
        HashSet<string> known = [.. values, .. made, .. graph.Input.Select(i => i.Name)];
        Keep(graph.ValueInfo, v => known.Contains(v.Name));
        Keep(graph.QuantizationAnnotation, a => known.Contains(a.TensorName));
    }

    private static void Keep<T>(Google.Protobuf.Collections.RepeatedField<T> field, Func<T, bool> isKept)
    {
        T[] kept = [.. field.Where(isKept)];
        if (kept.Length < field.Count)
        {
            field.Clear();
            field.AddRange(kept);
        }
    }
}
