using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Profiler.Layers;
using Google.Protobuf;

namespace EdgePrune.Profiler.Costs;

/// <summary>What the runtime made of a block, as text that is equal where the same kernels do the same work.</summary>
internal static class PathSignature
{
    private const int Length = 24;

    /// <param name="graph">The block as executed.</param>
    /// <param name="layers">Its own layers, adapters and layout changes left out.</param>
    /// <param name="layout">Layouts at its border.</param>
    /// <param name="widths">Its widths; they count where a layer has no weights that could show padding.</param>
    public static BlockPath Of(ExecutedGraph graph, IReadOnlyList<Layer> layers, BlockLayout layout, IReadOnlyList<int> widths)
    {
        var path = new StringBuilder();
        var stair = new StringBuilder();
        var constants = graph.Optimized.Graph.Initializer.ToDictionary(i => i.Name, StringComparer.Ordinal);
        path.Append(CultureInfo.InvariantCulture, $"{layout.Inputs}/{layout.Outputs};");
        foreach (NodeProto node in layers.Select(l => l.Node))
        {
            path.Append(CultureInfo.InvariantCulture, $"{node.Domain}:{node.OpType}:{node.Input.Count}(");
            foreach (AttributeProto attribute in node.Attribute.OrderBy(a => a.Name, StringComparer.Ordinal))
            {
                // The groups of a depthwise convolution are its channels: their number is a width and no path.
                bool isWidth = attribute.Name == "group" && attribute.I > 1;
                path.Append(attribute.Name).Append('=').Append(isWidth ? "many" : Convert.ToHexString(attribute.ToByteArray())).Append(',');
            }

            path.Append(");");
            foreach (string input in GraphIndex.Reads(node).Where(constants.ContainsKey))
            {
                stair.AppendJoin('x', constants[input].Dims).Append(',');
            }

            stair.Append(';');
            if (!GraphIndex.Reads(node).Any(i => constants.TryGetValue(i, out TensorProto? constant) && constant.Dims.Count > 1))
            {
                stair.AppendJoin(',', widths);
            }
        }

        string way = Short(path.ToString());
        return new BlockPath(way, way + Short(stair.ToString()));
    }

    private static string Short(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..Length];
}
