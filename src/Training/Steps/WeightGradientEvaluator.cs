using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Gradients;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps;

/// <summary>
/// Gradients of a model's loss for whole tensors of weights, for those who score single weights. Nothing is trained. On demand also the
/// product of the Hessian with the gradient, Hg = ½∇‖g‖² (Pearlmutter, 1994), for which the graph is differentiated twice.
/// </summary>
public sealed class WeightGradientEvaluator : IDisposable
{
    private readonly ModelSession session;
    private readonly ForwardGraph forward;
    private readonly IReadOnlyDictionary<string, string> gradients;
    private readonly IReadOnlyDictionary<string, string> curved;
    private readonly string[] outputs;

    private WeightGradientEvaluator(
        ForwardGraph forward, IReadOnlyDictionary<string, string> gradients, IReadOnlyDictionary<string, string> curved, SessionSettings? settings)
    {
        this.forward = forward;
        this.gradients = gradients;
        this.curved = curved;
        outputs = [forward.Loss, .. gradients.Values, .. curved.Values];
        GraphProto graph = forward.Proto.Graph;
        graph.Output.Clear();
        graph.Output.Add(outputs.Distinct(StringComparer.Ordinal).Select(o => new ValueInfoProto { Name = o }));
        session = ModelSession.Create(forward.Proto.ToByteArray(), $"the gradients of {forward.Source}", settings);
    }

    /// <summary>What a batch must hold: the model's inputs, and those of the losses.</summary>
    public IReadOnlyList<StepInput> Inputs => forward.Inputs;

    /// <summary>The tensors that have a gradient: those of the wanted ones that reach the loss.</summary>
    public IEnumerable<string> Tensors => gradients.Keys;

    /// <param name="model">The model with the weights to judge.</param>
    /// <param name="tensors">Names of initializers of float; those that do not reach the loss have no gradient.</param>
    /// <param name="options">Batch, losses and normalisation. The optimiser, dropout and the choice of parameters do not matter.</param>
    /// <param name="withHessian">True for Hg as well.</param>
    /// <param name="settings">How the runtime executes.</param>
    /// <exception cref="InputException">An operator between a tensor and the loss has no gradient rule.</exception>
    public static WeightGradientEvaluator Create(
        OnnxModel model, IReadOnlyList<string> tensors, TrainingOptions options, bool withHessian = false, SessionSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tensors);
        options = options with { Parameters = tensors, Dropout = false };
        options = withHessian ? options with { BlockedKernels = false, ElementaryNormalization = true } : options;
        ForwardGraph forward = ForwardGraph.Make(model, options);
        IReadOnlyDictionary<string, string> gradients = forward.Differentiate(tensors);
        IReadOnlyDictionary<string, string> curved = new Dictionary<string, string>();
        if (withHessian)
        {
            GraphWriter w = forward.Writer;
            string half = w.Node("Identity", [w.Mul(w.Sum([.. gradients.Values.Select(g => w.SumAll(w.Square(g)))]), 0.5)]);
            curved = forward.DifferentiateAgain(half, tensors);
        }

        return new WeightGradientEvaluator(forward, gradients, curved, settings);
    }

    /// <summary>Adds what one batch says to sums that the caller keeps.</summary>
    /// <param name="batch">A value for each of <see cref="Inputs"/>.</param>
    /// <param name="sums">Gradients by tensor, row-major; made where missing.</param>
    /// <param name="hessian">Hg by tensor; null where it is not wanted. A tensor that the gradient does not depend on stays zero.</param>
    /// <returns>The batch's loss.</returns>
    /// <exception cref="InputException">A value is missing or of another shape, or the runtime fails.</exception>
    public double Add(IReadOnlyDictionary<string, OrtValue> batch, IDictionary<string, double[]> sums, IDictionary<string, double[]>? hessian = null)
    {
        ArgumentNullException.ThrowIfNull(sums);
        Dictionary<string, OrtValue> inputs = Inputs.ToDictionary(i => i.Name, i => BatchValues.Checked(i, batch), StringComparer.Ordinal);
        using NamedValues values = session.Run(session.Inputs.ToDictionary(i => i.Name, i => inputs[i.Name], StringComparer.Ordinal), [.. outputs.Distinct(StringComparer.Ordinal)]);
        foreach (string tensor in gradients.Keys)
        {
            Accumulate(sums, tensor, values[gradients[tensor]]);
            if (hessian is not null && curved.TryGetValue(tensor, out string? product))
            {
                Accumulate(hessian, tensor, values[product]);
            }
        }

        return BatchValues.Scalar(values[forward.Loss]);
    }

    public void Dispose() => session.Dispose();

    private void Accumulate(IDictionary<string, double[]> sums, string tensor, OrtValue value)
    {
        if (!sums.TryGetValue(tensor, out double[]? sum))
        {
            sums[tensor] = sum = new double[forward.Dims(tensor).Aggregate(1L, (a, d) => a * d)];
        }

        if (forward.Initializer(tensor).DataType == (int)DataType.Double)
        {
            ReadOnlySpan<double> own = value.GetTensorDataAsSpan<double>();
            for (int i = 0; i < own.Length; i++)
            {
                sum[i] += own[i];
            }

            return;
        }

        ReadOnlySpan<float> single = value.GetTensorDataAsSpan<float>();
        for (int i = 0; i < single.Length; i++)
        {
            sum[i] += single[i];
        }
    }
}
