using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Training.Steps;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Training.Gradients;

/// <summary>
/// Reverse-mode differentiation of an ONNX graph (Griewank and Walther, Evaluating Derivatives, 2008, chapter 3): appends to the
/// graph the nodes that compute the gradient of a scalar with respect to chosen values. Only nodes on a path from those values to
/// the scalar are differentiated; what lies beside the paths needs no rule.
/// </summary>
internal sealed class GradientGraph
{
    private readonly Dictionary<string, List<string>> contributions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> gradients = new(StringComparer.Ordinal);
    private readonly HashSet<string> active = new(StringComparer.Ordinal);
    private readonly HashSet<string> onPath = new(StringComparer.Ordinal);
    private readonly IReadOnlyDictionary<string, ValueShape> shapes;
    private readonly GraphIndex index;
    private readonly string source;

    private GradientGraph(GraphWriter writer, IReadOnlyDictionary<string, ValueShape> shapes, string source)
    {
        Writer = writer;
        this.shapes = shapes;
        this.source = source;
        index = new GraphIndex(writer.Graph);
    }

    public GraphWriter Writer { get; }

    /// <summary>Appends the gradient of <paramref name="loss"/> to the writer's graph.</summary>
    /// <param name="writer">Writes into the forward graph.</param>
    /// <param name="nodes">
    /// The forward nodes in execution order, as they are to be differentiated: those of the graph, save that one node may stand
    /// for several where a rule knows the gradient of the whole.
    /// </param>
    /// <param name="shapes">Shapes of all values that these nodes read and write, initializers excepted.</param>
    /// <param name="loss">A value with one element.</param>
    /// <param name="wanted">Initializers, inputs or computed values of float32 or double.</param>
    /// <param name="source">What errors call the model.</param>
    /// <returns>
    /// The value that holds each gradient, by what it is the gradient of; it has that one's shape. Of the wanted values those that
    /// do not reach the loss are missing.
    /// </returns>
    /// <exception cref="InputException">A node on a path has no rule, or has a form that its rule does not cover.</exception>
    public static IReadOnlyDictionary<string, string> Append(
        GraphWriter writer,
        IReadOnlyList<NodeProto> nodes,
        IReadOnlyDictionary<string, ValueShape> shapes,
        string loss,
        IReadOnlyCollection<string> wanted,
        string source)
    {
        var graph = new GradientGraph(writer, shapes, source);
        graph.Run(nodes, loss, wanted);
        return wanted.Where(graph.gradients.ContainsKey).ToDictionary(v => v, v => graph.gradients[v], StringComparer.Ordinal);
    }

    public bool IsActive(string value) => active.Contains(value);

    public string? Gradient(string output) => gradients.GetValueOrDefault(output);

    /// <summary>The constant behind a value that is not trained.</summary>
    public TensorProto? Constant(string? value) => value is not null && active.Contains(value) ? null : index.Constant(value);

    public ValueShape Shape(string value)
    {
        if (shapes.TryGetValue(value, out ValueShape? shape))
        {
            return shape;
        }

        if (index.Initializer(value) is not { } tensor)
        {
            throw new InputException($"{source}: the shape of '{Printable.Name(value)}' is not known");
        }

        TensorElementType type = ElementTypes.TypeOf(tensor) switch
        {
            TensorProto.Types.DataType.Float => TensorElementType.Float,
            TensorProto.Types.DataType.Double => TensorElementType.Double,
            TensorProto.Types.DataType.Int32 => TensorElementType.Int32,
            TensorProto.Types.DataType.Int64 => TensorElementType.Int64,
            _ => TensorElementType.DataTypeMax,
        };
        return new ValueShape(type, [.. tensor.Dims]);
    }

    public void Contribute(string value, string gradient)
    {
        if (!contributions.TryGetValue(value, out List<string>? list))
        {
            contributions[value] = list = [];
        }

        list.Add(gradient);
    }

    private void Run(IReadOnlyList<NodeProto> nodes, string loss, IReadOnlyCollection<string> wanted)
    {
        active.UnionWith(wanted);
        foreach (NodeProto node in nodes.Where(n => GraphIndex.Reads(n).Any(active.Contains)))
        {
            active.UnionWith(node.Output.Where(o => o.Length > 0 && IsReal(o)));
        }

        if (!active.Contains(loss))
        {
            throw new InputException($"{source}: nothing of what is to be trained reaches '{Printable.Name(loss)}'");
        }

        onPath.Add(loss);
        foreach (NodeProto node in nodes.Reverse().Where(n => n.Output.Any(onPath.Contains)))
        {
            onPath.UnionWith(GraphIndex.Reads(node));
        }

        Writer.Real = Shape(loss).Type == TensorElementType.Double ? TensorProto.Types.DataType.Double : TensorProto.Types.DataType.Float;
        Contribute(loss, Writer.Fill(Shape(loss).Dims, 1));
        foreach (NodeProto node in nodes.Reverse())
        {
            if (node.Output.Any(o => active.Contains(o) && onPath.Contains(o)) && GraphIndex.Reads(node).Any(active.Contains))
            {
                Differentiate(node);
            }
        }

        foreach (string value in wanted)
        {
            Writer.Origin = new ValueOrigin(StepPart.Gradient, $"'{Printable.Name(value)}'");
            Settle(value);
        }
    }

    private void Differentiate(NodeProto node)
    {
        Writer.Origin = new ValueOrigin(StepPart.Gradient, node.Describe());
        foreach (string output in node.Output)
        {
            Settle(output);
        }

        // Where every reader cuts the path (Floor, a comparison) nothing has come back.
        if (!node.Output.Any(gradients.ContainsKey))
        {
            return;
        }

        IGradientRule rule = GradientRules.Find(node)
            ?? throw new InputException($"{source}: {node.Describe()}: operator {Printable.Name(GradientRules.KeyOf(node))} has no gradient rule, and lies between what is trained and the loss");
        rule.Differentiate(node, new GradientContext(this, node));
    }

    // All readers of a value come later than its maker, so that by now every contribution is there.
    private void Settle(string value)
    {
        if (contributions.Remove(value, out List<string>? parts))
        {
            gradients[value] = Writer.Sum(parts);
        }
    }

    private bool IsReal(string value) => shapes.TryGetValue(value, out ValueShape? shape)
        && shape.Type is TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16 or TensorElementType.BFloat16;
}
