using EdgePrune.Onnx.Proto;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.TestSupport.Hostile;

/// <summary>Versions, names, graphs and functions that do not hold together.</summary>
internal static partial class HostileModels
{
    private static IEnumerable<HostileModel> Versions()
    {
        yield return Edit("no graph", "holds no graph", m => m.Graph = null);
        yield return Edit("IR version missing", "IR version", m => m.ClearIrVersion());
        yield return Edit("IR version 0", "IR version", m => m.IrVersion = 0);
        yield return Edit("IR version 2", "IR version", m => m.IrVersion = 2);
        yield return Edit("IR version -1", "IR version", m => m.IrVersion = -1);
        yield return Edit("IR version 2^62", Runtime, m => m.IrVersion = 1L << 62);
        yield return Edit("no opset", "no opset", m => m.OpsetImport.Clear());
        yield return Edit("opset 6", "opset 6", m => m.OpsetImport[0].Version = 6);
        yield return Edit("opset 24", "opset 24", m => m.OpsetImport[0].Version = 24);
        yield return Edit("opset 0", "opset 0", m => m.OpsetImport[0].Version = 0);
        yield return Edit("opset -17", "opset -17", m => m.OpsetImport[0].Version = -17);
        yield return Edit("opset 2^40 + 17", "opset", m => m.OpsetImport[0].Version = (1L << 40) + 17);
        yield return Edit("opset twice", "imported twice", m => m.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 17 }));
        yield return Edit("unknown domain of the graph's operators", Runtime, m => m.Graph.Node[1].Domain = "com.example");
    }

    private static IEnumerable<HostileModel> Names()
    {
        yield return Edit("value made twice", "made twice", m => m.Graph.Node[1].Output[0] = "c");
        yield return Edit("value made twice by one node", "made twice", m => m.Graph.Node[1].Output.Add("y"));
        yield return Edit("node makes an input", "already", m => m.Graph.Node[1].Output[0] = "x");
        yield return Edit("node makes an initializer", "already", m => m.Graph.Node[1].Output[0] = "w");
        yield return Edit("input twice", "declared twice", m => m.Graph.Input.Add(m.Graph.Input[0].Clone()));
        yield return Edit("output twice", "declared twice", m => m.Graph.Output.Add(m.Graph.Output[0].Clone()));
        yield return Edit("initializer twice", "there twice", m => m.Graph.Initializer.Add(m.Graph.Initializer[0].Clone()));
        yield return Edit("attribute twice", "there twice", m => m.Graph.Node[0].Attribute.AddRange([Int("group", 1), Int("group", 1)]));
        yield return Edit("input without a name", "without a name", m => m.Graph.Input[0].Name = "");
        yield return Edit("initializer without a name", "without a name", m => m.Graph.Initializer[1].Name = "");
        yield return Edit("attribute without a name", "without a name", m => m.Graph.Node[0].Attribute.Add(Int("", 1)));
        yield return Edit("operator without a name", "names no operator", m => m.Graph.Node[1].ClearOpType());
        yield return Edit("missing input with a terminal escape", "?[2J", m => m.Graph.Node[1].Input[0] = "\u001b[2J\u202eevil");
        yield return Edit("missing input with a name of a megabyte", "…", m => m.Graph.Node[1].Input[0] = new string('n', 1 << 20));
        yield return Edit("missing input with a line break", "a?b", m => m.Graph.Node[1].Input[0] = "a\nb");
        yield return Edit("hundreds of problems", "the first 20", m => m.Graph.Node.AddRange(Enumerable.Range(0, 500).Select(i => Node("Relu", [$"none{i}"], [$"o{i}"]))));
    }

    private static IEnumerable<HostileModel> Graphs()
    {
        yield return Edit("empty graph", "made by no node", m => m.Graph = new GraphProto { Name = "g", Output = { Value("x", DataType.Float, 1) }, Input = { Value("z", DataType.Float, 1) } });
        yield return Edit("no output", "no output", m => m.Graph.Output.Clear());
        yield return Edit("missing input", "which nothing makes", m => m.Graph.Input.Clear());
        yield return Edit("missing weights", "reads 'w'", m => m.Graph.Initializer.RemoveAt(0));
        yield return Edit("missing output", "made by no node", m => m.Graph.Output[0].Name = "z");
        yield return Edit("node that reads itself", "cycle", m => m.Graph.Node[1].Input[0] = "y");
        yield return Edit("cycle of two", "cycle", m => m.Graph.Node[0].Input[0] = "y");
        yield return Edit("cycle of 50,000", "cycle", m =>
        {
            m.Graph.Node.Clear();
            m.Graph.Node.AddRange(Enumerable.Range(0, 50_000).Select(i => Node("Relu", [$"v{i}"], [$"v{(i + 1) % 50_000}"])));
            m.Graph.Output[0].Name = "v0";
        });
        yield return Edit("cycle through a subgraph", "cycle", m => m.Graph.Node.Add(If("loop", "loop", "y")));
        yield return Edit("cycle inside a subgraph", "in graph", m => m.Graph.Node.Add(Node("If", ["y"], ["z"], Graph("then_branch", Cyclic()), Graph("else_branch", Cyclic()))));
        yield return Edit("subgraph captures a missing name", "reads 'nowhere'", m => m.Graph.Node.Add(If("z", "nowhere", "y")));
        yield return Edit("Loop body captures a missing name", "reads 'gone'", m => m.Graph.Node.Add(Node("Loop", ["", ""], ["z"], Graph("body", Body("gone")))));
        yield return Edit("graph input without a type", Runtime, m => m.Graph.Input[0].Type = null);
        yield return Edit("graph input of type 99", Runtime, m => m.Graph.Input[0].Type.TensorType.ElemType = 99);
        yield return Edit("graph input with a dimension of 2^62", "", m => m.Graph.Input[0].Type.TensorType.Shape.Dim[2].DimValue = 1L << 62);
        yield return Edit("graph input of 10^15 elements", "", m => m.Graph.Input.Add(Value("huge", DataType.Float, 100_000, 100_000, 100_000)));
        yield return Edit("many large graph inputs", "more elements than a probe may take", m => m.Graph.Input.AddRange(Enumerable.Range(0, 40).Select(i => Value($"in{i}", DataType.Float, 1, 1 << 27))));
        yield return Edit("graph input that is a sequence", "no numeric tensor", m => m.Graph.Input.Add(new ValueInfoProto
        {
            Name = "s",
            Type = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = Value("e", DataType.Float, 1).Type } },
        }));
        yield return Edit("graph input of text", "no numeric tensor", m => m.Graph.Input.Add(Value("t", DataType.String, 1)));
        yield return Edit("wrong channel count", Runtime, m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = 5);
        yield return Edit("100,000 graphs that see 100,000 names, cyclic", "cycle", m =>
        {
            m.Graph.Node.AddRange(Enumerable.Range(0, 50_000).Select(i => If($"z{i}", "y", "y")));
            m.Graph.Node[1].Input[0] = "z7";
        });
    }

    private static IEnumerable<HostileModel> Functions()
    {
        yield return Edit("function that calls itself", "calls itself", m => Add(m, Function("f", "f")));
        yield return Edit("functions that call each other", "calls itself", m => Add(m, Function("f", "g"), Function("g", "f")));
        yield return Edit("functions that double forty times", "expand to more than", m =>
            Add(m, [.. Enumerable.Range(0, 40).Select(i => Function($"f{i}", $"f{i + 1}", $"f{i + 1}")), Function("f40")]));
        yield return Edit("functions 1,000 deep", "deep", m => Add(m, [.. Enumerable.Range(0, 1000).Select(i => Function($"f{i}", $"f{i + 1}")), Function("f1000")]));
        yield return Edit("function twice", "there twice", m => Add(m, Function("f"), Function("f")));
        yield return Edit("function with a cycle", "cycle", m =>
        {
            FunctionProto function = Function("f");
            function.Node.AddRange([Node("Relu", ["p"], ["q"]), Node("Relu", ["q"], ["p"])]);
            Add(m, function);
        });
        yield return Edit("function of opset 99", "opset 99", m =>
        {
            FunctionProto function = Function("f");
            function.OpsetImport[0].Version = 99;
            Add(m, function);
        });
    }

    private static void Add(ModelProto model, params FunctionProto[] functions)
    {
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        model.Functions.AddRange(functions);
    }

    private static FunctionProto Function(string name, params string[] calls)
    {
        var function = new FunctionProto { Name = name, Domain = "own", Input = { "in" }, Output = { "out" } };
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        function.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        string last = "in";
        for (int i = 0; i < calls.Length; i++)
        {
            NodeProto call = Node(calls[i], [last], [$"t{i}"]);
            call.Domain = "own";
            function.Node.Add(call);
            last = $"t{i}";
        }

        function.Node.Add(Node("Identity", [last], ["out"]));
        return function;
    }

    private static NodeProto If(string output, string reads, string condition)
    {
        GraphProto Branch(string made)
        {
            var graph = new GraphProto { Name = "branch" };
            graph.Node.Add(Node("Identity", [reads], [$"{output}_{made}"]));
            graph.Output.Add(new ValueInfoProto { Name = $"{output}_{made}" });
            return graph;
        }

        return Node("If", [condition], [output], Graph("then_branch", Branch("then")), Graph("else_branch", Branch("else")));
    }

    private static GraphProto Cyclic()
    {
        var graph = new GraphProto { Name = "inner" };
        graph.Node.AddRange([Node("Relu", ["p"], ["q"]), Node("Relu", ["q"], ["p"])]);
        graph.Output.Add(new ValueInfoProto { Name = "q" });
        return graph;
    }

    /// <summary>A Loop body that goes on for as long as the loop allows.</summary>
    private static GraphProto Body(string reads)
    {
        var graph = new GraphProto { Name = "body" };
        graph.Input.AddRange([Value("i", DataType.Int64), Value("go", DataType.Bool), Value("carried", DataType.Float, 1)]);
        graph.Node.AddRange([Node("Identity", ["go"], ["go_on"]), Node("Identity", [reads], ["next"])]);
        graph.Output.AddRange([Value("go_on", DataType.Bool), Value("next", DataType.Float, 1)]);
        return graph;
    }
}
