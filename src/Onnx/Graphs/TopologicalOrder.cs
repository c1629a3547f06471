using EdgePrune.Onnx.Proto;

namespace EdgePrune.Onnx.Graphs;

/// <summary>Execution order of a graph's nodes (Kahn's algorithm, stable: ties keep the file's order).</summary>
public static class TopologicalOrder
{
    /// <summary>
    /// The nodes in an order in which every value is made before it is read. Where there is none, <paramref name="cycle"/> is
    /// one cycle, each node reading from the one after it and the last from the first, and the result is null.
    /// </summary>
    public static List<NodeProto>? TryOf(GraphProto graph, out IReadOnlyList<NodeProto> cycle)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var index = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < graph.Node.Count; i++)
        {
            foreach (string output in graph.Node[i].Output.Where(o => o.Length > 0))
            {
                index[output] = i;
            }
        }

        var waiting = new int[graph.Node.Count];
        var readers = new List<int>?[graph.Node.Count];
        for (int i = 0; i < graph.Node.Count; i++)
        {
            foreach (string input in GraphIndex.Reads(graph.Node[i]).Distinct(StringComparer.Ordinal))
            {
                if (index.TryGetValue(input, out int maker))
                {
                    waiting[i]++;
                    (readers[maker] ??= []).Add(i);
                }
            }
        }

        var ready = new PriorityQueue<int, int>();
        for (int i = 0; i < waiting.Length; i++)
        {
            if (waiting[i] == 0)
            {
                ready.Enqueue(i, i);
            }
        }

        var order = new List<NodeProto>(graph.Node.Count);
        while (ready.TryDequeue(out int i, out _))
        {
            order.Add(graph.Node[i]);
            foreach (int reader in readers[i] ?? [])
            {
                if (--waiting[reader] == 0)
                {
                    ready.Enqueue(reader, reader);
                }
            }
        }

        cycle = order.Count == graph.Node.Count ? [] : FindCycle(graph, index, waiting);
        return cycle.Count == 0 ? order : null;
    }

    // Every node that is left waits for another one that is left, so that following makers must come round.
    private static List<NodeProto> FindCycle(GraphProto graph, Dictionary<string, int> index, int[] waiting)
    {
        var path = new List<int>();
        var place = new Dictionary<int, int>();
        int at = Array.FindIndex(waiting, w => w > 0);
        while (place.TryAdd(at, path.Count))
        {
            path.Add(at);
            at = GraphIndex.Reads(graph.Node[at])
                .Select(input => index.GetValueOrDefault(input, -1))
                .First(maker => maker >= 0 && waiting[maker] > 0);
        }

        return [.. path.Skip(place[at]).Select(i => graph.Node[i])];
    }
}
