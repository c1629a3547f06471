using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Training.Gradients;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Steps;

/// <summary>
/// The diagonal of the Hessian of a model's loss, summed over groups of slices inside the graph: two numbers a group leave it.
/// </summary>
/// <remarks>
/// The estimate is Hutchinson's for a diagonal (Bekas, Kokiopoulou and Saad, 2007): the mean of z ⊙ Hz over vectors z of random
/// signs is diag(H) exactly; one z misses h_ii by Σ h_ij·z_i·z_j over the others, so that many probes or batches are averaged. Hz
/// is the gradient of z·∇L, for which the graph of the gradient is differentiated once more: the Hessian itself, no Gauss-Newton
/// approximation, so that an estimate may be negative. Its use for saliency is Optimal Brain Damage's (LeCun, Denker and Solla,
/// 1990).
/// </remarks>
public sealed class CurvatureEvaluator : IDisposable
{
    private readonly ModelSession session;
    private readonly ForwardGraph forward;
    private readonly StepInput[] probes;
    private readonly string[] outputs;

    private CurvatureEvaluator(ForwardGraph forward, StepInput[] probes, string[] outputs, ModelSession session)
    {
        this.forward = forward;
        this.probes = probes;
        this.outputs = outputs;
        this.session = session;
    }

    /// <summary>What a batch must hold: the model's inputs, and those of the losses.</summary>
    public IReadOnlyList<StepInput> Inputs => forward.Inputs;

    /// <param name="model">The model with the weights to judge.</param>
    /// <param name="groups">The groups; at least one. Their tensors must reach the loss.</param>
    /// <param name="options">Batch, losses and normalisation. The optimiser, dropout and the choice of parameters do not matter.</param>
    /// <param name="settings">How the runtime executes.</param>
    /// <exception cref="InputException">
    /// A group names what is not there, or an operator cannot be differentiated twice, as Gather of large tables.
    /// </exception>
    public static CurvatureEvaluator Create(
        OnnxModel model, IReadOnlyList<SliceGroup> groups, TrainingOptions options, SessionSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(groups);
        string[] tensors = SliceGroup.Tensors(groups);
        ForwardGraph forward = ForwardGraph.Make(
            model, options with { Parameters = tensors, Dropout = false, BlockedKernels = false, ElementaryNormalization = true });
        GraphWriter w = forward.Writer;
        IReadOnlyDictionary<string, string> gradients = forward.Differentiate(tensors);
        string along = Along(forward, tensors, gradients, out StepInput[] probes);
        IReadOnlyDictionary<string, string> second = forward.DifferentiateAgain(along, tensors);

        // A tensor on which the gradient does not depend (the loss is linear in it) has no second derivative.
        Dictionary<string, long[]> dims = tensors.ToDictionary(t => t, forward.Dims, StringComparer.Ordinal);
        Dictionary<string, string> diagonal = tensors.Zip(probes).ToDictionary(
            t => t.First, t => second.TryGetValue(t.First, out string? hz) ? w.Mul(t.Second.Name, hz) : w.Fill(dims[t.First]), StringComparer.Ordinal);
        string Sum(Func<string, string> of) =>
            w.Cast(UnitSums.Write(w, tensors.ToDictionary(t => t, of, StringComparer.Ordinal), dims, groups), DataType.Float);
        string[] outputs = [forward.Loss, Sum(t => diagonal[t]), Sum(t => w.Mul(w.Mul(diagonal[t], w.Square(t)), 0.5))];
        GraphProto graph = forward.Proto.Graph;
        graph.Output.Clear();
        graph.Output.Add(outputs.Select(o => new ValueInfoProto { Name = o }));
        return new CurvatureEvaluator(
            forward, probes, outputs, ModelSession.Create(forward.Proto.ToByteArray(), $"the second derivatives of {model.Source}", settings));
    }

    /// <summary>The sums for one batch and one probe.</summary>
    /// <param name="batch">A value for each of <see cref="Inputs"/>.</param>
    /// <param name="probe">Which random signs to take: equal numbers take equal ones.</param>
    /// <exception cref="InputException">A value is missing or of another shape, or the runtime fails.</exception>
    public UnitCurvature Evaluate(IReadOnlyDictionary<string, OrtValue> batch, int probe)
    {
        var random = new Random(probe);
        return Evaluate(batch, (_, signs) =>
        {
            for (int i = 0; i < signs.Length; i++)
            {
                signs[i] = (random.Next(2) * 2) - 1;
            }
        });
    }

    /// <summary>The sums along a given vector: <paramref name="fill"/> writes the part that lies on each tensor, by its name.</summary>
    internal UnitCurvature Evaluate(IReadOnlyDictionary<string, OrtValue> batch, Action<string, float[]> fill)
    {
        Dictionary<string, OrtValue> inputs = Inputs.ToDictionary(i => i.Name, i => BatchValues.Checked(i, batch), StringComparer.Ordinal);
        var own = new List<OrtValue>();
        try
        {
            foreach ((string tensor, StepInput probe) in forward.Parameters.Zip(probes))
            {
                float[] values = new float[probe.Dims.Aggregate(1L, (a, d) => a * d)];
                fill(tensor, values);
                own.Add(probe.Type == DataType.Double
                    ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(values, v => (double)v), [.. probe.Dims])
                    : OrtValue.CreateTensorValueFromMemory(values, [.. probe.Dims]));
                inputs[probe.Name] = own[^1];
            }

            // Where the loss is linear in all tensors nothing reads the probes.
            using NamedValues results = session.Run(session.Inputs.ToDictionary(i => i.Name, i => inputs[i.Name], StringComparer.Ordinal), outputs);
            float[] Read(int output) => results[outputs[output]].GetTensorDataAsSpan<float>().ToArray();
            return new UnitCurvature(BatchValues.Scalar(results[outputs[0]]), Read(1), Read(2));
        }
        finally
        {
            own.ForEach(v => v.Dispose());
        }
    }

    public void Dispose() => session.Dispose();

    // z·∇L, z an input of each tensor's shape.
    private static string Along(ForwardGraph forward, string[] tensors, IReadOnlyDictionary<string, string> gradients, out StepInput[] probes)
    {
        if (tensors.FirstOrDefault(t => !gradients.ContainsKey(t)) is { } lost)
        {
            throw new InputException($"{forward.Source}: '{Printable.Name(lost)}' does not reach the loss, so it has no gradient");
        }

        GraphWriter w = forward.Writer;
        probes = [.. tensors.Select(t => new StepInput(w.Name($"{t}.probe"), (DataType)forward.Initializer(t).DataType, forward.Dims(t)))];
        foreach (StepInput probe in probes)
        {
            w.Graph.Input.Add(probe.Declare());
        }

        return w.Node("Identity", [w.Sum([.. tensors.Zip(probes).Select(t => w.SumAll(w.Mul(gradients[t.First], t.Second.Name)))])]);
    }
}
