using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Gradients;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps.Losses;

/// <summary>What a loss is written from: the forward graph, the output that it judges, and the inputs that it adds.</summary>
internal sealed class LossContext(GraphWriter writer, IReadOnlyDictionary<string, ValueShape> shapes, string output)
{
    private readonly Dictionary<string, NodeProto> producers = writer.Graph.Node
        .SelectMany(n => n.Output.Select(o => (o, n)))
        .ToDictionary(p => p.o, p => p.n, StringComparer.Ordinal);

    public GraphWriter Writer { get; } = writer;

    /// <summary>The model's output.</summary>
    public string Output { get; } = output;

    /// <summary>Inputs that the losses read, with type and shape.</summary>
    public Dictionary<string, StepInput> Inputs { get; } = new(StringComparer.Ordinal);

    /// <summary>Dimensions of a value of the model.</summary>
    public long[] Dims(string value) => shapes.TryGetValue(value, out ValueShape? shape)
        ? shape.Dims
        : throw new InputException($"the model has no value '{Printable.Name(value)}' for a loss");

    /// <summary>
    /// What goes into the activation that ends the model (Softmax, LogSoftmax or Sigmoid): losses of logits are exact where those
    /// of probabilities run into rounding. The output itself where the model ends with logits.
    /// </summary>
    public string Before(params string[] activations)
    {
        string value = Output;
        while (producers.TryGetValue(value, out NodeProto? node) && node.IsStandard()
            && (node.OpType == "Identity" || activations.Contains(node.OpType)))
        {
            value = node.Input[0];
            if (node.OpType != "Identity")
            {
                return value;
            }
        }

        return value;
    }

    /// <summary>Declares an input; two losses that name the same one share it.</summary>
    public string Input(string name, DataType type, long[] dims, long? classes = null)
    {
        if (Inputs.TryGetValue(name, out StepInput? known))
        {
            return known.Type == type && known.Classes == classes && known.Dims.SequenceEqual(dims)
                ? name
                : throw new InputException($"two losses read the input '{name}' with different shapes");
        }

        if (Writer.Claim(name) != name)
        {
            throw new InputException($"the model has a value named '{name}', which a loss reads as its own input; give the loss another name");
        }

        Inputs[name] = new StepInput(name, type, dims) { Classes = classes };
        Writer.Graph.Input.Add(Inputs[name].Declare());
        return name;
    }
}
