using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Pruner.Coupling;

/// <summary>
/// Finds the units of a model: the smallest sets of slices that can only be removed together. Every operator relates the
/// indices of its outputs to those of its inputs; disjoint sets over these indices are the units. There are no roots to start
/// from and no rules for architectures.
/// </summary>
public static class CouplingAnalysis
{
    // Operators that take numbers as inputs after the first, and whose rules look themselves at the lengths among them.
    private static readonly HashSet<string> TakeShapes = ["Expand", "Reshape", "Resize", "Slice", "Split", "Upsample"];

    /// <summary>Analyses a model.</summary>
    /// <param name="model">A verified model.</param>
    /// <param name="shapes">Shapes of its values; found with <see cref="ShapeProbe"/> where null.</param>
    /// <param name="options">Which units to look for.</param>
    public static CouplingResult Run(OnnxModel model, IReadOnlyDictionary<string, ValueShape>? shapes = null, CouplingOptions? options = null) =>
        Run(model, shapes, openAxes: null, options);

    /// <summary>
    /// Analyses a part cut out of a model. Its borders are open: the axes of its inputs that <paramref name="openAxes"/> names
    /// can be cut like any other, and its outputs hold nothing back.
    /// </summary>
    internal static CouplingResult Run(
        OnnxModel model,
        IReadOnlyDictionary<string, ValueShape>? shapes,
        IReadOnlyDictionary<string, IReadOnlyList<int>>? openAxes,
        CouplingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        shapes ??= ShapeProbe.Run(model);
        var context = new OnnxGraphContext(new GraphIndex(model.Graph), shapes, model.Opset);
        var builder = new CouplingBuilder(context, options ?? CouplingOptions.Default);
        foreach (ValueInfoProto input in context.Index.Inputs)
        {
            builder.Set(input.Name, OpenLayout(builder, input.Name, openAxes));
        }

        foreach (NodeProto node in model.Graph.Node)
        {
            Relate(builder, node);
        }

        if (openAxes is null)
        {
            foreach (ValueInfoProto output in model.Graph.Output)
            {
                builder.FreezeAll(output.Name, $"graph output '{output.Name}'");
                builder.Extents.FreezeReads(output.Name, $"graph output '{output.Name}'");
            }
        }

        IReadOnlyDictionary<string, Layout> settled = JointAxes.Settle(builder);
        return new CouplingResult(context, builder, settled);
    }

    private static Layout OpenLayout(CouplingBuilder builder, string input, IReadOnlyDictionary<string, IReadOnlyList<int>>? openAxes)
    {
        var layout = Layout.Fixed($"graph input '{input}'");
        if (openAxes is null || !openAxes.TryGetValue(input, out IReadOnlyList<int>? axes) || builder.Dims(input) is not { } dims)
        {
            return layout;
        }

        return builder.AddOpenInput(input, dims, axes);
    }

    private static void Relate(CouplingBuilder builder, NodeProto node)
    {
        if (builder.Extents.TryFollow(node))
        {
            foreach (string output in node.Output)
            {
                builder.Set(output, Layout.Fixed($"{node.Describe()} computes a shape"));
            }

            return;
        }

        IEnumerable<string> unseen = node.IsStandard() && TakeShapes.Contains(node.OpType) ? node.Input.Take(1) : GraphIndex.Reads(node);
        foreach (string input in unseen.Where(builder.Extents.Follows))
        {
            builder.Extents.FreezeReads(input, node.Describe());
        }

        if (OperatorRules.Find(node) is not { } rule)
        {
            builder.Unknown(node);
            return;
        }

        // A value that is no tensor, or that the probe did not see, has no axes to relate.
        if (node.Input.Concat(node.Output).Any(v => v.Length > 0 && builder.Index.Consumers(v).Count > 0 && builder.Dims(v) is null))
        {
            builder.Unknown(node, "the shape of an input or output is not known");
            return;
        }

        rule.Relate(node, builder);
    }
}
