using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Reading;

namespace EdgePrune.Onnx.Verification;

/// <summary>
/// Checks how model functions call each other. The runtime expands every call, so that a function that calls itself never
/// ends, and thirty functions that each call the next one twice become a thousand million nodes.
/// </summary>
internal static class FunctionVerifier
{
    private const int MaxDepth = 64;

    public static void Check(ModelProto model, Action<string> report)
    {
        var functions = new Dictionary<(string, string, string), FunctionProto>();
        foreach (FunctionProto function in model.Functions)
        {
            if (function.Name.Length == 0)
            {
                report("a model function has no name");
            }
            else if (!functions.TryAdd(Key(function.Domain, function.Name, function.Overload), function))
            {
                report($"model function '{Printable.Name(function.Name)}' is there twice");
            }
        }

        if (functions.Count > 0)
        {
            new Expansion(functions, report).Measure(model);
        }
    }

    private static (string, string, string) Key(string domain, string name, string overload) =>
        (domain == "ai.onnx" ? "" : domain, name, overload);

    private sealed class Expansion(Dictionary<(string, string, string), FunctionProto> functions, Action<string> report)
    {
        private readonly Dictionary<FunctionProto, long> sizes = [];
        private readonly HashSet<FunctionProto> open = [];
        private bool failed;

        public void Measure(ModelProto model)
        {
            long size = model.Graph is null ? 0 : Size(model.Graph.Node);
            foreach (FunctionProto function in functions.Values)
            {
                size = Math.Max(size, Size(function));
            }

            if (!failed && size > ModelLimits.Default.MaxNodes)
            {
                report($"its functions expand to more than {ModelLimits.Default.MaxNodes:N0} nodes");
            }
        }

        private long Size(FunctionProto function)
        {
            if (failed || sizes.TryGetValue(function, out long known))
            {
                return failed ? 0 : sizes[function];
            }

            if (!open.Add(function))
            {
                failed = true;
                report($"model function '{Printable.Name(function.Name)}' calls itself");
                return 0;
            }

            if (open.Count > MaxDepth)
            {
                failed = true;
                report($"model functions call each other more than {MaxDepth} deep");
                return 0;
            }

            known = Size(function.Node);
            open.Remove(function);
            sizes[function] = known;
            return known;
        }

        private long Size(IEnumerable<NodeProto> nodes)
        {
            long size = 0;
            foreach (NodeProto node in nodes)
            {
                size += 1 + GraphIndex.Subgraphs(node).Sum(g => Size(g.Node));
                if (functions.TryGetValue(Key(node.Domain, node.OpType, node.Overload), out FunctionProto? called))
                {
                    size += Size(called);
                }

                size = Math.Min(size, int.MaxValue); // saturates: the doubling must not overflow
            }

            return size;
        }
    }
}
