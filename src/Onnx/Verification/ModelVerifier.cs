using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;

namespace EdgePrune.Onnx.Verification;

/// <summary>
/// Checks that a model is well formed: versions in range, every value made exactly once and before it is read, no cycles,
/// tensors whose data agree with what they declare. Reports all problems at once, each naming its node or tensor. It does not
/// check operator semantics: ONNX Runtime does when a session is made.
/// </summary>
public static class ModelVerifier
{
    public const long MinOpset = 7;
    public const long MaxOpset = 23;
    private const int MaxProblems = 20;

    /// <summary>All problems found (the first twenty), none for a sound model.</summary>
    public static IReadOnlyList<string> Problems(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var problems = new List<string>();
        CheckVersions(model, problems);
        if (model.Graph is null)
        {
            problems.Add("the model holds no graph");
        }
        else
        {
            CheckGraph(model.Graph, new HashSet<string>(StringComparer.Ordinal), problems, isMain: true);
        }

        foreach (FunctionProto function in model.Functions)
        {
            CheckFunction(function, problems);
        }

        return problems;
    }

    /// <summary>Throws <see cref="InputException"/> that lists the problems, if there are any.</summary>
    public static void Check(ModelProto model, string source)
    {
        IReadOnlyList<string> problems = Problems(model);
        if (problems.Count > 0)
        {
            string more = problems.Count >= MaxProblems ? $"\n  (the first {MaxProblems} problems)" : "";
            throw new InputException($"{source} is not a valid model:\n  {string.Join("\n  ", problems)}{more}");
        }
    }

    private static void CheckVersions(ModelProto model, List<string> problems)
    {
        if (!model.HasIrVersion || model.IrVersion < 3)
        {
            problems.Add($"IR version {(model.HasIrVersion ? model.IrVersion.ToString() : "missing")}: 3 or newer is needed");
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (OperatorSetIdProto import in model.OpsetImport)
        {
            string domain = import.Domain is "" or "ai.onnx" ? "" : import.Domain;
            if (!seen.Add(domain))
            {
                problems.Add($"operator set '{(domain.Length == 0 ? "ai.onnx" : domain)}' is imported twice");
            }

            if (domain.Length == 0 && import.Version is < MinOpset or > MaxOpset)
            {
                problems.Add($"opset {import.Version} is not supported: {MinOpset} to {MaxOpset} are");
            }
        }

        if (!seen.Contains("") && model.Graph?.Node.Any(n => n.IsStandard()) == true)
        {
            problems.Add("no opset of the standard operators is imported");
        }
    }

    private static void CheckGraph(GraphProto graph, HashSet<string> outer, List<string> problems, bool isMain)
    {
        string where = isMain ? "" : $"in graph '{graph.Name}': ";
        var visible = new HashSet<string>(outer, StringComparer.Ordinal);
        var own = new HashSet<string>(StringComparer.Ordinal);
        foreach (ValueInfoProto input in graph.Input)
        {
            if (input.Name.Length == 0 || !own.Add(input.Name))
            {
                Add(problems, $"{where}graph input '{input.Name}' is {(input.Name.Length == 0 ? "without a name" : "declared twice")}");
            }
        }

        var tensors = new HashSet<string>(StringComparer.Ordinal);
        foreach (TensorProto initializer in graph.Initializer)
        {
            if (initializer.Name.Length == 0 || !tensors.Add(initializer.Name))
            {
                Add(problems, $"{where}initializer '{initializer.Name}' is {(initializer.Name.Length == 0 ? "without a name" : "there twice")}");
            }

            CheckTensor(initializer, where, problems);
        }

        foreach (SparseTensorProto sparse in graph.SparseInitializer)
        {
            if (sparse.Values is null || sparse.Values.Name.Length == 0 || !tensors.Add(sparse.Values.Name))
            {
                Add(problems, $"{where}a sparse initializer without values or with a name that is taken");
                continue;
            }

            CheckTensor(sparse.Values, where, problems);
        }

        own.UnionWith(tensors);
        var made = new Dictionary<string, NodeProto>(StringComparer.Ordinal);
        foreach (NodeProto node in graph.Node)
        {
            if (node.OpType.Length == 0)
            {
                Add(problems, $"{where}node '{node.Name}' names no operator");
            }

            foreach (string output in node.Output.Where(o => o.Length > 0))
            {
                if (made.TryGetValue(output, out NodeProto? other))
                {
                    Add(problems, $"{where}'{output}' is made twice: by {other.Describe()} and by {node.Describe()}");
                }
                else if (own.Contains(output))
                {
                    Add(problems, $"{where}{node.Describe()} makes '{output}', which is an input or initializer already");
                }

                made[output] = node;
            }
        }

        visible.UnionWith(own);
        visible.UnionWith(made.Keys);
        foreach (NodeProto node in graph.Node)
        {
            CheckNode(node, visible, where, problems);
        }

        if (TopologicalOrder.TryOf(graph, out IReadOnlyList<NodeProto> cycle) is null)
        {
            Add(problems, $"{where}the nodes wait for each other in a cycle: {string.Join(", ", cycle.Take(5).Select(n => n.Describe()))}");
        }

        var outputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (ValueInfoProto output in graph.Output)
        {
            if (!visible.Contains(output.Name))
            {
                Add(problems, $"{where}graph output '{output.Name}' is made by no node");
            }

            if (!outputs.Add(output.Name))
            {
                Add(problems, $"{where}graph output '{output.Name}' is declared twice");
            }
        }

        if (isMain && graph.Output.Count == 0)
        {
            Add(problems, "the graph has no output");
        }
    }

    private static void CheckNode(NodeProto node, HashSet<string> visible, string where, List<string> problems)
    {
        foreach (string input in node.Input.Where(i => i.Length > 0 && !visible.Contains(i)))
        {
            Add(problems, $"{where}{node.Describe()} reads '{input}', which nothing makes");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.Name.Length == 0 || !names.Add(attribute.Name))
            {
                Add(problems, $"{where}{node.Describe()}: attribute '{attribute.Name}' is {(attribute.Name.Length == 0 ? "without a name" : "there twice")}");
            }

            foreach (TensorProto tensor in attribute.Tensors.Concat(attribute.T is null ? [] : [attribute.T]))
            {
                CheckTensor(tensor, $"{where}{node.Describe()}: ", problems);
            }
        }

        foreach (GraphProto inner in GraphIndex.Subgraphs(node))
        {
            CheckGraph(inner, visible, problems, isMain: false);
        }
    }

    private static void CheckFunction(FunctionProto function, List<string> problems)
    {
        var graph = new GraphProto { Name = function.Name };
        graph.Node.AddRange(function.Node);
        graph.Input.AddRange(function.Input.Select(i => new ValueInfoProto { Name = i }));
        graph.Output.AddRange(function.Output.Select(o => new ValueInfoProto { Name = o }));
        CheckGraph(graph, [], problems, isMain: false);
    }

    private static void CheckTensor(TensorProto tensor, string where, List<string> problems)
    {
        try
        {
            TensorReader.Check(tensor);
        }
        catch (InputException bad)
        {
            Add(problems, where + bad.Message);
        }
    }

    private static void Add(List<string> problems, string problem)
    {
        if (problems.Count < MaxProblems)
        {
            problems.Add(problem);
        }
    }
}
