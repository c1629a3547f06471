using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;
using EdgePrune.Training.Data;

namespace EdgePrune.Pruner.Reconstruction;

/// <summary>
/// Estimates the means and variances of BatchNormalization anew, as a pass of samples in training mode does: every normalisation uses its
/// batch's statistics, and the model keeps their average over the batches.
/// </summary>
public static class NormalizationEstimator
{
    /// <summary>Samples of a batch: enough that its statistics are those of the data.</summary>
    public const int DefaultBatch = 250;

    /// <summary>A copy with new statistics.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Training samples.</param>
    /// <param name="batch">Samples a batch, where the model leaves it free.</param>
    /// <param name="session">Threads and provider.</param>
    /// <param name="cancel">Looked at between batches.</param>
    /// <exception cref="InputException">The model has no BatchNormalization with constant statistics of its own, or the samples do not fit.</exception>
    public static OnnxModel Run(OnnxModel model, CalibrationData data, int batch = DefaultBatch, SessionSettings? session = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        OnnxModel training = model.Clone();
        var index = new GraphIndex(model.Graph);
        HashSet<string> normals = [.. model.Graph.Node
            .Where(n => n.OpType == "BatchNormalization" && n.IsStandard() && Enumerable.Range(3, 2).All(i => index.Initializer(n.Input[i]) is not null && index.Consumers(n.Input[i]).Count == 1))
            .Select(n => n.Output[0])];
        if (normals.Count == 0)
        {
            throw new InputException($"{model.Source}: has no BatchNormalization whose statistics could be estimated; they may be folded into the weights. Reconstruct biases instead");
        }

        var statistics = new List<(string Initializer, string Value)>();
        NodeProto[] nodes = [.. training.Graph.Node];
        training.Graph.Node.Clear();
        foreach (NodeProto node in nodes)
        {
            if (normals.Contains(node.Output[0]))
            {
                statistics.AddRange(Lower(training, node, index.Initializer(node.Input[3])!.Dims[0]));
            }

            training.Graph.Node.Add(node);
        }

        return Averaged(model, training, statistics, data, batch, session ?? SessionSettings.Default, cancel);
    }

    private static OnnxModel Averaged(
        OnnxModel model, OnnxModel training, List<(string Initializer, string Value)> statistics, CalibrationData data, int batch, SessionSettings settings, CancellationToken cancel)
    {
        string[] outputs = [.. statistics.Select(s => s.Value)];
        training.Graph.Output.Clear();
        training.Graph.Output.Add(outputs.Select(o => new ValueInfoProto { Name = o }));
        using ModelSession run = ModelSession.Create(training, settings);
        double[]?[] sums = new double[]?[outputs.Length];
        int batches = 0;
        foreach (DatasetBatch values in data.Batches(run.Inputs, batch, whole: true))
        {
            cancel.ThrowIfCancellationRequested();
            using NamedValues results = run.Run(values.Values, outputs);
            for (int i = 0; i < outputs.Length; i++)
            {
                ReadOnlySpan<float> own = results[outputs[i]].GetTensorDataAsSpan<float>();
                double[] sum = sums[i] ??= new double[own.Length];
                for (int c = 0; c < sum.Length; c++)
                {
                    sum[c] += own[c];
                }
            }

            batches++;
        }

        OnnxModel result = model.Clone();
        var at = Enumerable.Range(0, result.Graph.Initializer.Count).ToDictionary(i => result.Graph.Initializer[i].Name, StringComparer.Ordinal);
        for (int i = 0; i < outputs.Length; i++)
        {
            float[] mean = Array.ConvertAll(sums[i]!, s => (float)(s / batches));
            result.Graph.Initializer[at[statistics[i].Initializer]] = TensorEditor.FromFloats(statistics[i].Initializer, mean, mean.Length);
        }

        return result;
    }

    // Mean and variance of the batch in place of the constants: of [N, C, …] moved to [C, N·…], which every opset can reduce alike.
    private static (string Initializer, string Value)[] Lower(OnnxModel training, NodeProto node, long channels)
    {
        GraphProto graph = training.Graph;
        string name = $"{node.Output[0]}/batch";
        string shape = $"{name}/shape";
        graph.Initializer.Add(TensorEditor.FromInts(shape, [channels, -1], 2));
        string flat3 = $"{name}/flat3";
        graph.Initializer.Add(TensorEditor.FromInts($"{name}/shape3", [0, channels, -1], 3));
        Add("Reshape", [node.Input[0], $"{name}/shape3"], flat3);
        NodeProto turned = Add("Transpose", [flat3], $"{name}/turned");
        turned.SetInts("perm", [1, 0, 2]);
        Add("Reshape", [turned.Output[0], shape], $"{name}/flat");
        Add("GlobalAveragePool", [Unsqueezed($"{name}/flat", channels)], $"{name}/mean4");
        Add("Reshape", [$"{name}/mean4", Shape($"{name}/column", channels, 1)], $"{name}/mean2");
        Add("Sub", [$"{name}/flat", $"{name}/mean2"], $"{name}/centred");
        Add("Mul", [$"{name}/centred", $"{name}/centred"], $"{name}/squared");
        Add("GlobalAveragePool", [Unsqueezed($"{name}/squared", channels)], $"{name}/variance4");
        Add("Reshape", [$"{name}/mean4", Shape($"{name}/vector", channels)], $"{name}/mean");
        Add("Reshape", [$"{name}/variance4", $"{name}/vector"], $"{name}/variance");
        (string Initializer, string Value)[] made = [(node.Input[3], $"{name}/mean"), (node.Input[4], $"{name}/variance")];
        node.Input[3] = $"{name}/mean";
        node.Input[4] = $"{name}/variance";
        return made;

        string Shape(string of, params long[] dims)
        {
            graph.Initializer.Add(TensorEditor.FromInts(of, dims, dims.Length));
            return of;
        }

        string Unsqueezed(string value, long count)
        {
            Add("Reshape", [value, Shape($"{value}/shape4", 1, count, 1, -1)], $"{value}/4");
            return $"{value}/4";
        }

        NodeProto Add(string op, string[] inputs, string output)
        {
            var added = new NodeProto { OpType = op, Name = output, Output = { output } };
            added.Input.Add(inputs);
            graph.Node.Add(added);
            return added;
        }
    }
}
