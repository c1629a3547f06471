using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Training.Gradients;
using EdgePrune.Training.Gradients.Rules;
using EdgePrune.Training.Steps.Losses;
using Microsoft.ML.OnnxRuntime.Tensors;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps;

/// <summary>
/// The forward half of a step: the model's graph at the step's batch, BatchNormalization in the form that is trained, and the
/// losses at its end. Parameters are still initializers.
/// </summary>
internal sealed class ForwardGraph
{
    private const int MinOpset = 9;
    private const int WrittenIrVersion = 8;
    private readonly Dictionary<string, ValueShape> shapes = new(StringComparer.Ordinal);
    private readonly TrainingOptions options;

    private ForwardGraph(OnnxModel model, TrainingOptions options)
    {
        if (model.Opset < MinOpset)
        {
            throw new InputException($"{model.Source}: opset {model.Opset} cannot be trained; convert the model to opset {MinOpset} or newer");
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchSize);
        this.options = options;
        Source = model.Source;
        Proto = model.Proto.Clone();
        Proto.IrVersion = Math.Max(Proto.IrVersion, WrittenIrVersion);
        LiftConstants(Proto.Graph);
        DropInitializersFromInputs(Proto.Graph);
        Output = options.Output ?? Proto.Graph.Output.FirstOrDefault()?.Name ?? throw new InputException($"{Source}: the model has no output");
        Writer = new GraphWriter(Proto.Graph, model.Opset) { Block = options.BlockedKernels ? BlockedLayout.ProbeBlock() : 0 };
        if (Writer.Block > 0 && Proto.OpsetImport.All(o => o.Domain != BlockedLayout.Domain))
        {
            Proto.OpsetImport.Add(new OperatorSetIdProto { Domain = BlockedLayout.Domain, Version = 1 });
        }

        Inputs = [.. Proto.Graph.Input.Select(AtBatch)];
        Parameters = Select();
    }

    public ModelProto Proto { get; }

    public string Source { get; }

    public GraphWriter Writer { get; }

    /// <summary>The output that the losses judge.</summary>
    public string Output { get; }

    /// <summary>Inputs of the model and of the losses.</summary>
    public List<StepInput> Inputs { get; }

    /// <summary>Names of the initializers to train.</summary>
    public IReadOnlyList<string> Parameters { get; }

    /// <summary>Inputs of uniform noise in [0, 1), one for each Dropout.</summary>
    public List<StepInput> Noise { get; } = [];

    /// <summary>New values of running statistics by the initializer that holds the old ones.</summary>
    public Dictionary<string, string> Running { get; } = new(StringComparer.Ordinal);

    /// <summary>The scalar that is made small.</summary>
    public string Loss { get; private set; } = "";

    /// <summary>Shapes of all values at the step's batch.</summary>
    public IReadOnlyDictionary<string, ValueShape> Shapes => shapes;

    /// <summary>The nodes as they are to be differentiated.</summary>
    public List<NodeProto> Nodes { get; } = [];

    public static ForwardGraph Make(OnnxModel model, TrainingOptions options)
    {
        var forward = new ForwardGraph(model, options);
        forward.Probe();
        forward.Lower();
        forward.WriteLosses();
        forward.Probe();
        return forward;
    }

    /// <summary>Appends the gradients of the loss; see <see cref="GradientGraph.Append"/>.</summary>
    public IReadOnlyDictionary<string, string> Differentiate(IReadOnlyCollection<string> wanted) =>
        GradientGraph.Append(Writer, Nodes, shapes, Loss, wanted, Source);

    /// <summary>
    /// Appends the gradients of a scalar that was computed from gradients. All that was written so far must have a gradient rule
    /// in turn: neither blocked kernels nor the joint form of BatchNormalization.
    /// </summary>
    public IReadOnlyDictionary<string, string> DifferentiateAgain(string scalar, IReadOnlyCollection<string> wanted)
    {
        Probe();
        return GradientGraph.Append(Writer, [.. Proto.Graph.Node], shapes, scalar, wanted, Source);
    }

    public long[] Dims(string initializer) => [.. Initializer(initializer).Dims];

    public TensorProto Initializer(string name) => Proto.Graph.Initializer.First(i => i.Name == name);

    // Weights that an exporter wrote as Constant nodes are parameters as well.
    private static void LiftConstants(GraphProto graph)
    {
        NodeProto[] constants = [.. graph.Node.Where(n => n.OpType == "Constant" && n.IsStandard() && n.Find("value") is { T: not null })];
        foreach (NodeProto node in constants)
        {
            TensorProto tensor = node.Find("value")!.T.Clone();
            tensor.Name = node.Output[0];
            graph.Initializer.Add(tensor);
            graph.Node.Remove(node);
        }
    }

    private static void DropInitializersFromInputs(GraphProto graph)
    {
        HashSet<string> names = [.. graph.Initializer.Select(i => i.Name)];
        foreach (ValueInfoProto input in graph.Input.Where(i => names.Contains(i.Name)).ToList())
        {
            graph.Input.Remove(input);
        }

        // Shapes that the file states hold for its own batch.
        graph.ValueInfo.Clear();
        foreach (TypeProto.Types.Tensor output in graph.Output.Select(o => o.Type?.TensorType).OfType<TypeProto.Types.Tensor>())
        {
            output.Shape = null;
        }
    }

    private StepInput AtBatch(ValueInfoProto input)
    {
        TypeProto.Types.Tensor tensor = input.Type?.TensorType ?? throw new InputException($"{Source}: input '{Printable.Name(input.Name)}' is no tensor");
        long[] dims = [.. tensor.Shape?.Dim.Select(d => d.HasDimValue ? d.DimValue : -1) ?? []];
        if (options.InputShapes is { } given && given.TryGetValue(input.Name, out long[]? shape))
        {
            dims = [.. shape];
        }

        if (dims.Length > 0)
        {
            dims[0] = options.BatchSize;
        }

        if (dims.Any(d => d <= 0))
        {
            throw new InputException($"{Source}: input '{Printable.Name(input.Name)}' has free dimensions; give its shape");
        }

        var made = new StepInput(input.Name, (DataType)tensor.ElemType, dims);
        input.Type = made.Declare().Type;
        return made;
    }

    private IReadOnlyList<string> Select()
    {
        if (options.Parameters is not { } wanted)
        {
            return ParameterSelection.Find(Proto.Graph);
        }

        foreach (string name in wanted)
        {
            TensorProto? tensor = Proto.Graph.Initializer.FirstOrDefault(i => i.Name == name);
            if (tensor is null || ElementTypes.TypeOf(tensor) is not (DataType.Float or DataType.Double))
            {
                throw new InputException($"{Source}: '{Printable.Name(name)}' is to be trained, but no initializer of float or double has that name");
            }
        }

        return wanted;
    }

    private void Probe()
    {
        OnnxModel model = OnnxModel.FromProto(Proto, Source);
        foreach ((string name, ValueShape shape) in ShapeProbe.Run(model))
        {
            shapes[name] = shape;
        }
    }

    private void Lower()
    {
        List<NodeProto> nodes = [.. Proto.Graph.Node];
        var index = new GraphIndex(Proto.Graph);
        Proto.Graph.Node.Clear();
        foreach (NodeProto node in nodes)
        {
            Writer.Real = RealOf(node.Input.FirstOrDefault() ?? "");
            Writer.Origin = new ValueOrigin(StepPart.Forward, node.Describe());
            if (node.OpType == "BatchNormalization" && node.IsStandard() && !options.FreezeNormalization)
            {
                int before = Proto.Graph.Node.Count;
                TrainingBatchNormalization.Lowered lowered = TrainingBatchNormalization.Write(
                    Writer, node, shapes[node.Input[0]].Dims, options.NormalizationMomentum, options.ElementaryNormalization);
                Nodes.AddRange(options.ElementaryNormalization ? Proto.Graph.Node.Skip(before) : [lowered.Stands]);
                Track(node, node.Input[3], lowered.RunningMean);
                Track(node, node.Input[4], lowered.RunningVariance);
            }
            else if (node.OpType == "Conv" && node.IsStandard() && Parameters.Contains(node.Input[1])
                && ConvGeometry.Of(node, shapes[node.Input[0]].Dims, shapes[node.Output[0]].Dims, Dims(node.Input[1]), transposed: false) is var geometry
                && BlockedConv.Fits(Writer, geometry))
            {
                BlockedConv.Write(Writer, geometry, node.Input[0], node.Input[1], node.InputAt(2), node.Output[0]);
                Nodes.Add(node);
            }
            else if (node.OpType == "Dropout" && node.IsStandard() && options.Dropout && TrainingDropout.Ratio(node, index, Source) is > 0 and < 1 and var ratio)
            {
                (StepInput noise, NodeProto product) = TrainingDropout.Write(Writer, node, shapes[node.Input[0]].Dims, ratio);
                Noise.Add(noise);
                Nodes.Add(product);
            }
            else
            {
                Writer.Add(node);
                Nodes.Add(node);
            }
        }
    }

    private DataType RealOf(string value) =>
        shapes.TryGetValue(value, out ValueShape? shape) && shape.Type == TensorElementType.Double ? DataType.Double : DataType.Float;

    private void Track(NodeProto node, string running, string value)
    {
        if (Parameters.Contains(running))
        {
            throw new InputException($"{Source}: '{Printable.Name(running)}' is a running statistic of {node.Describe()}, which each batch moves; it cannot be trained as well");
        }

        if (Proto.Graph.Initializer.All(i => i.Name != running) || !Running.TryAdd(running, value))
        {
            throw new InputException($"{Source}: {node.Describe()}: its running statistics are computed or shared, so that they cannot be moved by each batch; freeze the normalisation");
        }
    }

    private void WriteLosses()
    {
        int before = Proto.Graph.Node.Count;
        var context = new LossContext(Writer, shapes, Output);
        Writer.Real = RealOf(Output);
        Writer.Origin = new ValueOrigin(StepPart.Loss, "");
        Dictionary<string, long[]> dims = Parameters.ToDictionary(p => p, Dims, StringComparer.Ordinal);
        string[] terms = [.. options.Losses.Select(l => Writer.Mul(l.Write(context), l.Weight)), .. options.Regularizers.Write(Writer, dims)];
        if (terms.Length == 0)
        {
            throw new InputException("a training step needs at least one loss");
        }

        // A name of its own, even where the only term is one of the model's values.
        Loss = Writer.Node("Identity", [Writer.Sum(terms)]);
        Inputs.AddRange(context.Inputs.Values);
        Nodes.AddRange(Proto.Graph.Node.Skip(before));
    }
}
