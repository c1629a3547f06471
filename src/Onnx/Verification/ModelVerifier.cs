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
            CheckGraph(model.Graph, outer: null, problems, isMain: true);
        }

        foreach (FunctionProto function in model.Functions)
        {
            CheckFunction(function, problems);
        }

        FunctionVerifier.Check(model, problem => Add(problems, problem));
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

        HashSet<string> seen = CheckImports(model.OpsetImport, "", problems);
        if (!seen.Contains("") && model.Graph?.Node.Any(n => n.IsStandard()) == true)
        {
            problems.Add("no opset of the standard operators is imported");
        }
    }

    private static HashSet<string> CheckImports(IEnumerable<OperatorSetIdProto> imports, string where, List<string> problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (OperatorSetIdProto import in imports)
        {
            string domain = import.Domain is "" or "ai.onnx" ? "" : import.Domain;
            if (!seen.Add(domain))
            {
                Add(problems, $"{where}operator set '{(domain.Length == 0 ? "ai.onnx" : Printable.Name(domain))}' is imported twice");
            }

            if (domain.Length == 0 && import.Version is < MinOpset or > MaxOpset)
            {
                Add(problems, $"{where}opset {import.Version} is not supported: {MinOpset} to {MaxOpset} are");
            }
        }

        return seen;
    }

    private static void CheckGraph(GraphProto graph, Scope? outer, List<string> problems, bool isMain)
    {
        string where = isMain ? "" : $"in graph '{Printable.Name(graph.Name)}': ";
        var own = new HashSet<string>(StringComparer.Ordinal);
        foreach (ValueInfoProto input in graph.Input)
        {
            if (input.Name.Length == 0 || !own.Add(input.Name))
            {
                Add(problems, $"{where}graph input '{Printable.Name(input.Name)}' is {(input.Name.Length == 0 ? "without a name" : "declared twice")}");
            }
        }

        var tensors = new HashSet<string>(StringComparer.Ordinal);
        foreach (TensorProto initializer in graph.Initializer)
        {
            if (initializer.Name.Length == 0 || !tensors.Add(initializer.Name))
            {
                Add(problems, $"{where}initializer '{Printable.Name(initializer.Name)}' is {(initializer.Name.Length == 0 ? "without a name" : "there twice")}");
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

            CheckSparse(sparse, where, problems);
        }

        own.UnionWith(tensors);
        var made = new Dictionary<string, NodeProto>(StringComparer.Ordinal);
        foreach (NodeProto node in graph.Node)
        {
            if (node.OpType.Length == 0)
            {
                Add(problems, $"{where}node '{Printable.Name(node.Name)}' names no operator");
            }

            foreach (string output in node.Output.Where(o => o.Length > 0))
            {
                if (made.TryGetValue(output, out NodeProto? other))
                {
                    Add(problems, $"{where}'{Printable.Name(output)}' is made twice: by {other.Describe()} and by {node.Describe()}");
                }
                else if (own.Contains(output))
                {
                    Add(problems, $"{where}{node.Describe()} makes '{Printable.Name(output)}', which is an input or initializer already");
                }

                made[output] = node;
            }
        }

        own.UnionWith(made.Keys);
        var visible = new Scope(own, outer);
        foreach (NodeProto node in graph.Node)
        {
            CheckNode(node, visible, where, problems);
        }

        if (TopologicalOrder.TryOf(graph, out IReadOnlyList<NodeProto> cycle) is null)
        {
            Add(problems, $"{where}the nodes wait for each other in a cycle: {string.Join(" ← ", cycle.Take(5).Select(n => n.Describe()))}{(cycle.Count > 5 ? $" and {cycle.Count - 5} more" : "")}");
        }

        var outputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (ValueInfoProto output in graph.Output)
        {
            if (!visible.Contains(output.Name))
            {
                Add(problems, $"{where}graph output '{Printable.Name(output.Name)}' is made by no node");
            }

            if (!outputs.Add(output.Name))
            {
                Add(problems, $"{where}graph output '{Printable.Name(output.Name)}' is declared twice");
            }
        }

        if (isMain && graph.Output.Count == 0)
        {
            Add(problems, "the graph has no output");
        }
    }

    private static void CheckNode(NodeProto node, Scope visible, string where, List<string> problems)
    {
        foreach (string input in node.Input.Where(i => i.Length > 0 && !visible.Contains(i)))
        {
            Add(problems, $"{where}{node.Describe()} reads '{Printable.Name(input)}', which nothing makes");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (AttributeProto attribute in node.Attribute)
        {
            if (attribute.Name.Length == 0 || !names.Add(attribute.Name))
            {
                Add(problems, $"{where}{node.Describe()}: attribute '{Printable.Name(attribute.Name)}' is {(attribute.Name.Length == 0 ? "without a name" : "there twice")}");
            }

            foreach (TensorProto tensor in attribute.Tensors.Concat(attribute.T is null ? [] : [attribute.T]))
            {
                CheckTensor(tensor, $"{where}{node.Describe()}: ", problems);
            }
        }

        foreach (SparseTensorProto sparse in node.Attribute.SelectMany(a => a.SparseTensor is null ? a.SparseTensors : a.SparseTensors.Append(a.SparseTensor)))
        {
            CheckSparse(sparse, $"{where}{node.Describe()}: ", problems);
        }

        foreach (GraphProto inner in GraphIndex.Subgraphs(node))
        {
            CheckGraph(inner, visible, problems, isMain: false);
        }
    }

    private static void CheckFunction(FunctionProto function, List<string> problems)
    {
        _ = CheckImports(function.OpsetImport, $"in function '{Printable.Name(function.Name)}': ", problems);
        var graph = new GraphProto { Name = function.Name };
        graph.Node.AddRange(function.Node);
        graph.Input.AddRange(function.Input.Select(i => new ValueInfoProto { Name = i }));
        graph.Output.AddRange(function.Output.Select(o => new ValueInfoProto { Name = o }));
        CheckGraph(graph, outer: null, problems, isMain: false);
    }

    private static void CheckTensor(TensorProto tensor, string where, List<string> problems) =>
        Collect(() => TensorReader.Check(tensor), where, problems);

    private static void CheckSparse(SparseTensorProto sparse, string where, List<string> problems) =>
        Collect(() => SparseTensors.Check(sparse), where, problems);

    private static void Collect(Action check, string where, List<string> problems)
    {
        try
        {
            check();
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

    // Names visible in a graph: its own and those of the graphs around it. A chain, because copying the outer names into
    // every nested graph would take quadratic time.
    private sealed record Scope(HashSet<string> Own, Scope? Outer)
    {
        public bool Contains(string name)
        {
            for (Scope? scope = this; scope is not null; scope = scope.Outer)
            {
                if (scope.Own.Contains(name))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
