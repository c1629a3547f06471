using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Training.Data;
using EdgePrune.Training.Steps;
using EdgePrune.Training.Steps.Losses;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using static EdgePrune.Onnx.Proto.AttributeProto.Types;

namespace EdgePrune.Pruner.Calibration;

/// <summary>
/// Gradients of the cross-entropy on one drawn batch for whole tensors, masked weights included. BatchNormalization stays as it is in
/// inference.
/// </summary>
internal static class BatchGradients
{
    /// <summary>The gradients, by tensor, row-major; tensors that do not reach the loss are left out.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tensors">Names of float32 weights.</param>
    /// <param name="data">Labelled samples.</param>
    /// <param name="batchSize">How many of them to draw; all where there are fewer.</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <param name="session">Threads and provider.</param>
    /// <exception cref="InputException">An operator has no gradient rule, or the samples do not fit the model.</exception>
    public static Dictionary<string, double[]> Of(
        OnnxModel model, IReadOnlyList<string> tensors, Dataset data, int batchSize, int seed, SessionSettings session)
    {
        Dataset drawn = data.Shuffle(seed).Take(batchSize);
        ModelInput[] inputs = [.. new GraphIndex(model.Graph).Inputs.Select(i => GradientPass.Free(model, i))];
        using DatasetBatch batch = drawn.Batch(0, drawn.Count, inputs);
        using WeightGradientEvaluator evaluator = WeightGradientEvaluator.Create(model, tensors, GradientPass.Options(batch), settings: session);
        var values = new Dictionary<string, OrtValue>(batch.Values, StringComparer.Ordinal);
        using OrtValue? labels = batch.Labels is { } ids ? OrtValue.CreateTensorValueFromMemory(ids.ToArray(), [ids.Count]) : null;
        if (labels is not null)
        {
            values[new CrossEntropy().Labels] = labels;
        }

        var gradients = new Dictionary<string, double[]>(StringComparer.Ordinal);
        evaluator.Add(values, gradients);
        return gradients;
    }

    /// <summary>A copy of a model with other weights, initializers or constants, in the place of those of the same name.</summary>
    /// <param name="model">The model; it is left as it is.</param>
    /// <param name="weights">Values by name, row-major, of float32.</param>
    public static OnnxModel With(OnnxModel model, IReadOnlyDictionary<string, float[]> weights)
    {
        OnnxModel copy = model.Clone();
        foreach (NodeProto node in copy.Graph.Node.Where(n => n.OpType == "Constant" && weights.ContainsKey(n.Output[0])))
        {
            Write(node.Attribute.First(a => a.Name == "value" && a.Type == AttributeType.Tensor).T, weights[node.Output[0]]);
        }

        foreach (TensorProto tensor in copy.Graph.Initializer.Where(i => weights.ContainsKey(i.Name)))
        {
            Write(tensor, weights[tensor.Name]);
        }

        return copy;
    }

    private static void Write(TensorProto tensor, float[] values)
    {
        TensorProto made = TensorEditor.FromFloats(tensor.Name, values, [.. tensor.Dims]);
        tensor.FloatData.Clear();
        tensor.RawData = ByteString.CopyFrom(made.RawData.Span);
    }
}
