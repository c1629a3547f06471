using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static EdgePrune.Onnx.Proto.AttributeProto.Types;

namespace EdgePrune.Training.Steps;

/// <summary>
/// Trains an ONNX model with ONNX Runtime, one step at a time: parameters and optimiser state stay in the runtime's memory between
/// steps, only the batch goes in and the loss comes out. Not for use from several threads at once.
/// </summary>
public sealed partial class TrainingStep : IDisposable
{
    private readonly OnnxModel model;
    private readonly TrainingOptions options;
    private readonly ModelSession session;
    private readonly StepGraph graph;
    private readonly StepBuffers buffers;
    private readonly OrtIoBinding[] bindings;
    private readonly RunOptions runOptions = new();
    private readonly float[][] scalars;
    private readonly float[][] noise;
    private readonly OrtValue[] scalarValues;
    private readonly OrtValue[] noiseValues;
    private readonly List<OrtValue> owned = [];
    private readonly OrtValue loss;
    private readonly OrtValue output;
    private readonly OrtValue? norm;
    private bool ran;

    private TrainingStep(OnnxModel model, TrainingOptions options, StepGraph graph, ModelSession session)
    {
        this.model = model;
        this.options = options;
        this.graph = graph;
        this.session = session;
        buffers = new StepBuffers(graph.Variables);
        scalars = [.. graph.Scalars.Select(_ => new float[1])];
        loss = Own(Allocate(graph.Forward.Loss));
        output = Own(Allocate(graph.Forward.Output));
        norm = graph.GradientNorm is null ? null : Own(OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, []));
        noise = [.. graph.Forward.Noise.Select(n => new float[n.Dims.Aggregate(1L, (a, d) => a * d)])];
        noiseValues = [.. noise.Zip(graph.Forward.Noise).Select(n => Own(OrtValue.CreateTensorValueFromMemory(n.First, [.. n.Second.Dims])))];
        scalarValues = [.. scalars.Select(s => Own(OrtValue.CreateTensorValueFromMemory(s, [])))];
        bindings = [Bind(0), Bind(1)];
    }

    /// <summary>Steps done.</summary>
    public long Steps { get; private set; }

    /// <summary>What a batch must hold: the model's inputs, and those of the losses.</summary>
    public IReadOnlyList<StepInput> Inputs => graph.Forward.Inputs;

    /// <summary>Names of the tensors that are trained.</summary>
    public IReadOnlyList<string> Parameters => [.. graph.Variables.Where(v => v.Kind == StepVariableKind.Parameter).Select(v => v.Name)];

    /// <summary>Elements of all trained tensors together.</summary>
    public long ParameterCount => graph.Variables.Where(v => v.Kind == StepVariableKind.Parameter).Sum(v => v.Dims.Aggregate(1L, (a, d) => a * d));

    /// <summary>The model's output for the last batch, computed with the parameters before the update; the next run overwrites it.</summary>
    public OrtValue Output => output;

    /// <summary>The norm of all gradients of the last step before clipping; null where none is asked for.</summary>
    public double? GradientNorm => norm is null ? null : norm.GetTensorDataAsSpan<float>()[0];

    internal StepGraph Graph => graph;

    /// <summary>Makes the step's graph and loads it into the runtime.</summary>
    /// <exception cref="InputException">The model cannot be trained so; the message says where and why.</exception>
    public static TrainingStep Create(OnnxModel model, TrainingOptions? options = null, SessionSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new TrainingOptions();
        StepGraph graph = StepGraph.Make(model, options);
        ModelSession session = ModelSession.Create(graph.ToBytes(), $"the training step of {model.Source}", settings);
        try
        {
            return new TrainingStep(model, options, graph, session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Does one step and returns the loss that the batch had before it.</summary>
    /// <param name="batch">A value for each of <see cref="Inputs"/>; they may be reused once the call returns.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <exception cref="InputException">A value is missing or of another shape, or the runtime fails.</exception>
    public double Run(IReadOnlyDictionary<string, OrtValue> batch, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(batch);
        OrtIoBinding binding = bindings[buffers.Current];
        foreach (StepInput input in Inputs)
        {
            binding.BindInput(input.Name, BatchValues.Checked(input, batch));
        }

        Prepare(Steps, learningRate);
        try
        {
            session.Session.RunWithBinding(runOptions, binding);
        }
        catch (OnnxRuntimeException failed)
        {
            throw new InputException($"the training step of {model.Source} failed: {failed.Message}", failed);
        }

        buffers.Swap();
        Steps++;
        ran = true;
        return BatchValues.Scalar(loss);
    }

    /// <summary>The present values of parameters and running statistics, as tensors of the model's names.</summary>
    public IReadOnlyList<TensorProto> ReadParameters() =>
    [
        .. graph.Variables.Select((v, i) => (Variable: v, Index: i)).Where(v => v.Variable.Kind != StepVariableKind.State)
            .Select(v => TensorEditor.FromRaw(v.Variable.Name, v.Variable.Type, buffers.Read(v.Index), v.Variable.Dims)),
    ];

    /// <summary>
    /// The model with the present parameters and running statistics, in its original inference form. Under a penalty that is meant to
    /// make weights zero, those that are next to nothing are.
    /// </summary>
    public OnnxModel ToModel()
    {
        OnnxModel trained = model.Clone();
        Dictionary<string, TensorProto> values = ReadParameters().ToDictionary(t => t.Name, StringComparer.Ordinal);
        if (options.Regularizers is { L1: not 0 } or { GroupLasso: not 0 })
        {
            foreach (string parameter in Parameters)
            {
                TinyWeights.Flush(values[parameter]);
            }
        }

        foreach (TensorProto tensor in trained.Graph.Initializer.Where(i => values.ContainsKey(i.Name)))
        {
            Replace(tensor, values[tensor.Name]);
        }

        foreach (NodeProto node in trained.Graph.Node.Where(n => n.OpType == "Constant" && values.ContainsKey(n.Output[0])))
        {
            Replace(node.Attribute.First(a => a.Name == "value" && a.Type == AttributeType.Tensor).T, values[node.Output[0]]);
        }

        return trained;
    }

    /// <summary>Copies out all that <see cref="Restore"/> needs.</summary>
    public TrainingSnapshot Snapshot() => new(
        Steps, graph.Variables.Select((v, i) => (v.Name, Value: buffers.Read(i))).ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal));

    /// <summary>Goes back to a snapshot of a step of the same model and optimiser.</summary>
    /// <exception cref="InputException">The snapshot lacks a tensor or has one of another size; nothing is changed then.</exception>
    public void Restore(TrainingSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        foreach (StepVariable variable in graph.Variables)
        {
            if (!snapshot.Tensors.TryGetValue(variable.Name, out byte[]? value) || value.Length != variable.Initial.Length)
            {
                throw new InputException($"the snapshot holds no '{Printable.Name(variable.Name)}' of {variable.Initial.Length} bytes: it is of another model or optimiser");
            }
        }

        for (int i = 0; i < graph.Variables.Count; i++)
        {
            buffers.Write(i, snapshot.Tensors[graph.Variables[i].Name]);
        }

        Steps = snapshot.Steps;
        ran = false;
    }

    /// <summary>
    /// All that the last run read, by the graph's inputs; where none has run since the step was made or restored, all that the next
    /// would read. Good until the next run.
    /// </summary>
    internal IReadOnlyDictionary<string, OrtValue> LastInputs(IReadOnlyDictionary<string, OrtValue> batch, double learningRate)
    {
        Prepare(ran ? Steps - 1 : Steps, learningRate);
        var inputs = new Dictionary<string, OrtValue>(buffers.Values(ran), StringComparer.Ordinal);
        foreach (StepInput input in Inputs)
        {
            inputs[input.Name] = BatchValues.Checked(input, batch);
        }

        foreach ((string name, OrtValue value) in graph.Scalars.Zip(scalarValues).Concat(graph.Forward.Noise.Select(n => n.Name).Zip(noiseValues)))
        {
            inputs[name] = value;
        }

        return inputs;
    }

    public void Dispose()
    {
        foreach (OrtIoBinding binding in bindings)
        {
            binding.Dispose();
        }

        session.Dispose();
        buffers.Dispose();
        runOptions.Dispose();
        foreach (OrtValue value in owned)
        {
            value.Dispose();
        }
    }

    private static void Replace(TensorProto tensor, TensorProto value)
    {
        tensor.FloatData.Clear();
        tensor.DoubleData.Clear();
        tensor.RawData = ByteString.CopyFrom(value.RawData.Span);
    }

    private OrtIoBinding Bind(int side)
    {
        OrtIoBinding binding = session.Session.CreateIoBinding();
        buffers.Bind(binding, side);
        for (int i = 0; i < scalarValues.Length; i++)
        {
            binding.BindInput(graph.Scalars[i], scalarValues[i]);
        }

        for (int i = 0; i < noiseValues.Length; i++)
        {
            binding.BindInput(graph.Forward.Noise[i].Name, noiseValues[i]);
        }

        binding.BindOutput(graph.Forward.Loss, loss);
        binding.BindOutput(graph.Forward.Output, output);
        if (norm is not null)
        {
            binding.BindOutput(graph.GradientNorm!, norm);
        }

        return binding;
    }

    // The scalars and the noise of a step. A generator for each step: what is drawn depends on the seed and the step alone.
    private void Prepare(long step, double learningRate)
    {
        scalars[0][0] = (float)learningRate;
        double[] extra = options.Optimizer.ScalarsAt(step + 1);
        for (int i = 0; i < extra.Length; i++)
        {
            scalars[i + 1][0] = (float)extra[i];
        }

        var random = new Random(unchecked((options.Seed * 1_000_003) ^ (int)step));
        foreach (float[] values in noise)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = random.NextSingle();
            }
        }
    }

    private OrtValue Allocate(string value)
    {
        ValueShape shape = graph.Forward.Shapes[value];
        return OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, shape.Type, shape.Dims);
    }

    private OrtValue Own(OrtValue value)
    {
        owned.Add(value);
        return value;
    }
}
