using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Gradients;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Training.Steps;

/// <summary>
/// Gradients of a model's loss for groups of slices, summed inside the graph: four numbers a group leave it, no gradient does.
/// Nothing is trained. What a criterion adds up over batches is its own matter.
/// </summary>
public sealed class GradientEvaluator : IDisposable
{
    private readonly ModelSession session;
    private readonly ForwardGraph forward;
    private readonly string[] outputs;

    private GradientEvaluator(ForwardGraph forward, string[] outputs, ModelSession session)
    {
        this.forward = forward;
        this.outputs = outputs;
        this.session = session;
    }

    /// <summary>What a batch must hold: the model's inputs, and those of the losses.</summary>
    public IReadOnlyList<StepInput> Inputs => forward.Inputs;

    /// <param name="model">The model with the weights to judge.</param>
    /// <param name="groups">The groups; at least one. Their tensors must reach the loss.</param>
    /// <param name="options">Batch, losses and normalisation. The optimiser, dropout and the choice of parameters do not matter.</param>
    /// <param name="settings">How the runtime executes.</param>
    /// <exception cref="InputException">A group names what is not there, or an operator has no gradient.</exception>
    public static GradientEvaluator Create(
        OnnxModel model, IReadOnlyList<SliceGroup> groups, TrainingOptions options, SessionSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(groups);
        string[] tensors = SliceGroup.Tensors(groups);
        ForwardGraph forward = ForwardGraph.Make(model, options with { Parameters = tensors, Dropout = false });
        GraphWriter w = forward.Writer;
        IReadOnlyDictionary<string, string> gradients = forward.Differentiate(tensors);
        if (tensors.FirstOrDefault(t => !gradients.ContainsKey(t)) is { } lost)
        {
            throw new InputException($"{model.Source}: '{Printable.Name(lost)}' does not reach the loss, so it has no gradient");
        }

        Dictionary<string, long[]> dims = tensors.ToDictionary(t => t, forward.Dims, StringComparer.Ordinal);
        Dictionary<string, string> products = tensors.ToDictionary(t => t, t => w.Mul(gradients[t], t), StringComparer.Ordinal);
        string Sum(Func<string, string> of) => UnitSums.Write(w, tensors.ToDictionary(t => t, of, StringComparer.Ordinal), dims, groups);
        string[] outputs =
        [
            forward.Loss,
            Sum(t => products[t]),
            Sum(t => w.Node("Abs", [products[t]])),
            Sum(t => w.Square(products[t])),
            Sum(t => w.Square(gradients[t])),
        ];
        GraphProto graph = forward.Proto.Graph;
        graph.Output.Clear();
        graph.Output.Add(outputs.Select(o => new ValueInfoProto { Name = o }));
        return new GradientEvaluator(forward, outputs, ModelSession.Create(forward.Proto.ToByteArray(), $"the gradients of {model.Source}", settings));
    }

    /// <summary>The sums for one batch.</summary>
    /// <param name="batch">A value for each of <see cref="Inputs"/>.</param>
    /// <exception cref="InputException">A value is missing or of another shape, or the runtime fails.</exception>
    public UnitGradients Evaluate(IReadOnlyDictionary<string, OrtValue> batch)
    {
        Dictionary<string, OrtValue> inputs = Inputs.ToDictionary(i => i.Name, i => BatchValues.Checked(i, batch), StringComparer.Ordinal);
        using NamedValues values = session.Run(inputs, outputs);
        float[] Read(int output) => values[outputs[output]].GetTensorDataAsSpan<float>().ToArray();
        return new UnitGradients(BatchValues.Scalar(values[outputs[0]]), Read(1), Read(2), Read(3), Read(4));
    }

    public void Dispose() => session.Dispose();
}
