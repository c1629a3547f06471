using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Losses;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgePrune.Pruner.Importance;

/// <summary>
/// Synaptic flow, w·∂R/∂w with R the sum of the outputs for an input of ones and all weights replaced by their absolute values (Tanaka et
/// al., "Pruning neural networks without any data by iteratively conserving synaptic flow", NeurIPS 2020). Biases and running means are
/// zero there. Weights that multiply are first divided by what makes the sum of a row one at most: in deep networks R overflows
/// otherwise; where no branches meet this scales all scores alike.
/// </summary>
public sealed class SynFlowImportance : GradientImportance
{
    public override string Name => "synflow";

    public override string Summary => "synaptic flow, needs no data (SynFlow, NeurIPS 2020)";

    public override ImportanceNeeds Needs => ImportanceNeeds.Weights;

    public override IReadOnlyDictionary<string, float[]> Elements(ImportanceContext context, IReadOnlyList<string> tensors)
    {
        ArgumentNullException.ThrowIfNull(context);
        OnnxModel absolute = Absolute(context.Model);
        ModelInput[] inputs = [.. new GraphIndex(absolute.Graph).Inputs.Select(i => new ModelInput(i.Name, (TensorElementType)i.Type.TensorType.ElemType, []))];
        var shapes = inputs.ToDictionary(i => i.Name, i => (long[])[1, .. context.Coupling.Context.Shapes[i.Name].Dims.Skip(1)], StringComparer.Ordinal);
        var options = new TrainingOptions { BatchSize = 1, InputShapes = shapes, Losses = [new SumOfOutputs()], FreezeNormalization = true };
        var sums = new Dictionary<string, double[]>(StringComparer.Ordinal);
        using (WeightGradientEvaluator evaluator = Create(absolute, tensors, options, context.Session))
        {
            using var ones = new NamedValues(inputs.Select(i => KeyValuePair.Create(i.Name, Ones(i, shapes[i.Name]))));
            evaluator.Add(ones, sums);
        }

        var weights = new WeightTensors(absolute);
        return sums.ToDictionary(s => s.Key, s => weights.Values(s.Key)!.Select((w, i) => (float)Math.Abs(w * s.Value[i])).ToArray(), StringComparer.Ordinal);
    }

    private WeightGradientEvaluator Create(OnnxModel model, IReadOnlyList<string> tensors, TrainingOptions options, SessionSettings session)
    {
        try
        {
            return WeightGradientEvaluator.Create(model, tensors, options, settings: session);
        }
        catch (InputException failed)
        {
            throw new InputException($"the criterion '{Name}' needs gradients: {failed.Message}. Criteria that need none are l2, group-norm and fpgm", failed);
        }
    }

    /// <summary>The model with absolute weights, zero biases, and its logits as the output: a softmax always sums to one.</summary>
    internal static OnnxModel Absolute(OnnxModel model)
    {
        OnnxModel copy = model.Clone();
        var index = new GraphIndex(copy.Graph);
        NodeProto? last = index.Producer(copy.Graph.Output[0].Name);
        if (last is { OpType: "Softmax" or "LogSoftmax" })
        {
            copy.Graph.Output[0] = new ValueInfoProto { Name = last.Input[0] };
        }

        var kinds = new Dictionary<string, Func<TensorProto, TensorProto>>(StringComparer.Ordinal);
        foreach (NodeProto node in copy.Graph.Node)
        {
            switch (node.OpType)
            {
                case "Conv" or "ConvTranspose" or "Gemm" or "MatMul":
                    Choose(node.InputAt(1), Scaled);
                    Choose(node.InputAt(2), Zero);
                    break;
                case "BatchNormalization":
                    Choose(node.InputAt(1), t => With(t, Math.Abs));
                    Choose(node.InputAt(2), Zero);
                    Choose(node.InputAt(3), Zero);
                    Choose(node.InputAt(4), t => With(t, _ => 1));
                    break;
                case "Add" when node.Input.Any(i => index.Constant(i) is not null):
                    Choose(node.Input.First(i => index.Constant(i) is not null), Zero);
                    break;
                default:
                    break;
            }
        }

        for (int i = 0; i < copy.Graph.Initializer.Count; i++)
        {
            if (kinds.TryGetValue(copy.Graph.Initializer[i].Name, out Func<TensorProto, TensorProto>? change)
                && copy.Graph.Initializer[i].DataType == (int)TensorProto.Types.DataType.Float)
            {
                copy.Graph.Initializer[i] = change(copy.Graph.Initializer[i]);
            }
        }

        return copy;

        void Choose(string? name, Func<TensorProto, TensorProto> change)
        {
            if (name is not null)
            {
                kinds[name] = change;
            }
        }
    }

    private static TensorProto Zero(TensorProto tensor) => With(tensor, _ => 0);

    private static TensorProto Scaled(TensorProto tensor)
    {
        float[] values = TensorReader.ToFloats(tensor);
        int rows = Math.Max(1, (int)tensor.Dims.FirstOrDefault(1));
        double most = Enumerable.Range(0, rows).Max(r => values.Skip(r * (values.Length / rows)).Take(values.Length / rows).Sum(v => Math.Abs((double)v)));
        return With(tensor, v => most == 0 ? 0 : (float)(Math.Abs(v) / most));
    }

    private static TensorProto With(TensorProto tensor, Converter<float, float> of) =>
        TensorEditor.FromFloats(tensor.Name, Array.ConvertAll(TensorReader.ToFloats(tensor), of), [.. tensor.Dims]);

    private static OrtValue Ones(ModelInput input, long[] shape)
    {
        if (input.Type != TensorElementType.Float)
        {
            throw new InputException($"the criterion 'synflow' feeds ones, and input '{Printable.Name(input.Name)}' takes {input.Type}; take a criterion of the weights such as l2");
        }

        float[] ones = new float[shape.Aggregate(1L, (a, d) => a * d)];
        Array.Fill(ones, 1f);
        return OrtValue.CreateTensorValueFromMemory(ones, shape);
    }
}
