using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Profiler.Layers;
using Google.Protobuf;
using static EdgePrune.Onnx.Proto.TypeProto.Types;

namespace EdgePrune.Profiler.Timing;

/// <summary>A node repeated in a model of its own, so that one run takes long enough to be timed.</summary>
/// <param name="Bytes">The model; its inputs have the names of the values that the node reads.</param>
/// <param name="Inputs">Names of the values to feed.</param>
/// <param name="Markers">
/// Number of <c>Shape</c> nodes in it. Each reads one result of the node, which lets the runtime reuse the result's memory for
/// the next copy as it would in the network; what they cost is what the matching empty model costs.
/// </param>
internal sealed record IsolatedModel(byte[] Bytes, IReadOnlyList<string> Inputs, int Markers)
{
    private const string Marker = "edgeprune_marker_";

    /// <param name="model">The optimised model that holds the node, for versions and initializers.</param>
    /// <param name="node">The node.</param>
    /// <param name="values">Types and dimensions of the values around it.</param>
    /// <param name="copies">How often the node is repeated.</param>
    /// <param name="weightCopies">How many copies of its constants the repetitions take turns with; 1 keeps them in cache.</param>
    public static IsolatedModel Repeat(ModelProto model, NodeProto node, ValueTable values, int copies, int weightCopies)
    {
        var initializers = model.Graph.Initializer.ToDictionary(i => i.Name, StringComparer.Ordinal);
        string[] reads = [.. GraphIndex.Reads(node).Distinct(StringComparer.Ordinal)];
        string[] inputs = [.. reads.Where(r => !initializers.ContainsKey(r))];
        string[] constants = [.. reads.Where(initializers.ContainsKey)];
        // A nested graph refers to outer values by name, so these must keep theirs.
        int sets = GraphIndex.Subgraphs(node).Any() ? 1 : Math.Clamp(weightCopies, 1, copies);

        var graph = new GraphProto { Name = "isolated" };
        graph.Input.AddRange(inputs.Select(i => Describe(i, values)));
        for (int set = 0; set < sets; set++)
        {
            foreach (string constant in constants)
            {
                TensorProto copy = initializers[constant].Clone();
                copy.Name = Renamed(constant, set);
                graph.Initializer.Add(copy);
            }
        }

        string[] results = [.. node.Output.Where(o => values.Dims(o) is not null)];
        for (int k = 0; k < copies; k++)
        {
            NodeProto copy = node.Clone();
            copy.Name = $"copy_{k}";
            for (int i = 0; i < copy.Input.Count; i++)
            {
                copy.Input[i] = initializers.ContainsKey(copy.Input[i]) ? Renamed(copy.Input[i], k % sets) : copy.Input[i];
            }

            for (int o = 0; o < copy.Output.Count; o++)
            {
                copy.Output[o] = copy.Output[o].Length > 0 ? $"{copy.Output[o]}@{k}" : "";
            }

            graph.Node.Add(copy);
            AddMarkers(graph, results.Select(r => $"{r}@{k}"));
        }

        return new IsolatedModel(Finish(model, graph), inputs, copies * results.Length);
    }

    /// <summary>The same number of inputs and markers with nothing in between.</summary>
    public static IsolatedModel Empty(ModelProto model, int inputs, int markers)
    {
        var graph = new GraphProto { Name = "empty" };
        string[] names = [.. Enumerable.Range(0, Math.Max(inputs, 1)).Select(i => $"input_{i}")];
        foreach (string name in names)
        {
            graph.Input.Add(new ValueInfoProto { Name = name, Type = TensorOf(TensorProto.Types.DataType.Float, [1]) });
        }

        AddMarkers(graph, Enumerable.Repeat(names[0], Math.Max(markers, 1)));
        return new IsolatedModel(Finish(model, graph), names, Math.Max(markers, 1));
    }

    public static TypeProto TensorOf(TensorProto.Types.DataType type, IEnumerable<long> dims)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(dims.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new TypeProto { TensorType = new Tensor { ElemType = (int)type, Shape = shape } };
    }

    public static ValueInfoProto Describe(string value, ValueTable values) => new()
    {
        Name = value,
        Type = TensorOf(values.Type(value), values.Dims(value)
            ?? throw new Onnx.InputException($"value '{value}' is no tensor, so the node that reads it cannot be timed on its own")),
    };

    private static string Renamed(string constant, int set) => set == 0 ? constant : $"{constant}@{set}";

    private static void AddMarkers(GraphProto graph, IEnumerable<string> values)
    {
        foreach (string value in values)
        {
            var marker = new NodeProto { OpType = "Shape", Name = $"{Marker}{graph.Node.Count}" };
            marker.Input.Add(value);
            marker.Output.Add($"{Marker}{graph.Node.Count}");
            graph.Node.Add(marker);
        }
    }

    private static byte[] Finish(ModelProto model, GraphProto graph)
    {
        graph.Output.Add(new ValueInfoProto { Name = graph.Node[^1].Output[0] });
        var isolated = new ModelProto { IrVersion = model.IrVersion, Graph = graph };
        isolated.OpsetImport.AddRange(model.OpsetImport);
        isolated.Functions.AddRange(model.Functions);
        return isolated.ToByteArray();
    }
}
