using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Training.Gradients;
using Google.Protobuf;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps;

/// <summary>
/// The graph of one training step: from batch, scalars, parameters and optimiser state to loss, new parameters and new state.
/// </summary>
internal sealed class StepGraph
{
    /// <summary>The scalar input with the learning rate.</summary>
    public const string LearningRate = "learning_rate";

    private readonly GraphProto graph;
    private readonly List<StepVariable> variables = [];

    private StepGraph(ForwardGraph forward)
    {
        Forward = forward;
        graph = forward.Proto.Graph;
    }

    public ForwardGraph Forward { get; }

    /// <summary>Everything that goes round from step to step.</summary>
    public IReadOnlyList<StepVariable> Variables => variables;

    /// <summary>Names of the scalar inputs: the learning rate, then the optimiser's.</summary>
    public List<string> Scalars { get; } = [];

    /// <summary>The output with the norm of all gradients before clipping, or null.</summary>
    public string? GradientNorm { get; private set; }

    /// <exception cref="InputException">The model cannot be trained so; the message says where and why.</exception>
    public static StepGraph Make(OnnxModel model, TrainingOptions options)
    {
        ForwardGraph forward = ForwardGraph.Make(model, options);
        var step = new StepGraph(forward);
        step.Write(options);
        return step;
    }

    public byte[] ToBytes() => Forward.Proto.ToByteArray();

    private void Write(TrainingOptions options)
    {
        GraphWriter w = Forward.Writer;
        IReadOnlyDictionary<string, string> gradients = Forward.Differentiate(Forward.Parameters);
        if (options.Parameters is { } wanted && wanted.FirstOrDefault(p => !gradients.ContainsKey(p)) is { } lost)
        {
            throw new InputException($"{Forward.Source}: parameter '{Printable.Name(lost)}' does not reach the loss; train others, or choose another output");
        }

        string[] parameters = [.. Forward.Parameters.Where(gradients.ContainsKey)];
        string rate = Scalar(LearningRate);
        string[] scalars = [.. options.Optimizer.Scalars.Select(Scalar)];
        graph.Output.Clear();
        Emit(Forward.Loss);
        Emit(Forward.Output);
        w.Origin = new ValueOrigin(StepPart.Update, "all parameters");
        string? scale = options.MaxGradientNorm is { } limit ? Clip(w, [.. parameters.Select(p => gradients[p])], limit) : null;
        foreach (string parameter in parameters)
        {
            TensorProto tensor = Forward.Initializer(parameter);
            w.Real = ElementTypes.TypeOf(tensor);
            w.Origin = new ValueOrigin(StepPart.Update, $"'{Printable.Name(parameter)}'");
            string gradient = scale is null ? gradients[parameter] : w.Mul(gradients[parameter], scale);
            string[] state = [.. options.Optimizer.State.Select(s => w.Name($"{parameter}.{s}"))];
            double decay = tensor.Dims.Count >= 2 || options.Optimizer.DecayVectors ? options.Optimizer.WeightDecay : 0;
            (string updated, string[] newState) = options.Optimizer.Write(w, parameter, gradient, rate, state, scalars, decay);
            Circulate(tensor, parameter, StepVariableKind.Parameter, parameter, updated, TensorReader.ToRaw(tensor));
            for (int i = 0; i < state.Length; i++)
            {
                byte[] zeros = new byte[TensorReader.ToRaw(tensor).Length];
                Circulate(tensor, $"{parameter}.{options.Optimizer.State[i]}", StepVariableKind.State, state[i], newState[i], zeros);
            }
        }

        foreach ((string running, string value) in Forward.Running)
        {
            TensorProto tensor = Forward.Initializer(running);
            Circulate(tensor, running, StepVariableKind.Statistic, running, value, TensorReader.ToRaw(tensor));
        }

        HashSet<string> fed = [.. variables.Select(v => v.Input)];
        foreach (TensorProto initializer in graph.Initializer.Where(i => fed.Contains(i.Name)).ToList())
        {
            graph.Initializer.Remove(initializer);
        }
    }

    private string Scalar(string name)
    {
        string claimed = Forward.Writer.Claim(name);
        graph.Input.Add(new StepInput(claimed, DataType.Float, []).Declare());
        Scalars.Add(claimed);
        return claimed;
    }

    // torch.nn.utils.clip_grad_norm_: factor min(1, limit/(norm + 1e-6)).
    private string Clip(GraphWriter w, string[] gradients, double limit)
    {
        string norm = w.Sqrt(w.Sum([.. gradients.Select(g => w.Node("ReduceSumSquare", [g], n => n.SetInt("keepdims", 0)))]));
        GradientNorm = norm;
        Emit(norm);
        return w.Node("Min", [w.Scalar(1), w.Div(w.Scalar(limit), w.Add(norm, w.Scalar(1e-6)))]);
    }

    private void Circulate(TensorProto like, string name, StepVariableKind kind, string input, string output, byte[] initial)
    {
        long[] dims = [.. like.Dims];
        DataType type = ElementTypes.TypeOf(like);
        graph.Input.Add(new StepInput(input, type, dims).Declare());
        Emit(output);
        variables.Add(new StepVariable(name, kind, input, output, type, dims, initial));
    }

    private void Emit(string value) => graph.Output.Add(new ValueInfoProto { Name = value });
}
