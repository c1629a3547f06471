using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Pruner.Calibration;
using Google.Protobuf;

namespace EdgePrune.Pruner.Recovery;

/// <summary>
/// Transfer learning: the last layer with weights of a classifier is drawn anew for the number of classes of the target (Glorot and Bengio,
/// 2010), trained alone on what the pre-trained layers make, then with them (Yosinski et al., "How transferable are features in deep neural
/// networks?", NIPS 2014).
/// </summary>
public static class HeadTransfer
{
    // What may stand between the last layer and the output: it treats all classes alike, or only reshapes.
    private static readonly HashSet<string> Passing =
        ["Softmax", "LogSoftmax", "Sigmoid", "Identity", "Flatten", "Reshape", "Squeeze", "Unsqueeze", "GlobalAveragePool", "AveragePool", "ReduceMean", "Dropout", "Relu", "Add"];

    /// <summary>The model with a new head, trained on the target.</summary>
    /// <param name="model">The pre-trained classifier.</param>
    /// <param name="transfer">How long to train.</param>
    /// <param name="training">The target's training samples, and how to train.</param>
    /// <param name="detail">Seed, threads, teacher.</param>
    /// <param name="cancel">Looked at between steps.</param>
    /// <exception cref="InputException">The model does not end in a layer that could be replaced, or the samples have no labels of two classes.</exception>
    public static OnnxModel Run(OnnxModel model, TransferOptions transfer, RecoveryOptions training, TrainingDetail? detail = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(transfer);
        ArgumentNullException.ThrowIfNull(training);
        new CalibrationData(training.Training, Math.Max(1, training.Training.Count)).RequireClasses("a model is transferred to the classes that the labels name");
        int classes = training.Training.ClassNames?.Count ?? checked((int)(training.Training.Labels!.Max() + 1));
        detail ??= new TrainingDetail();
        (OnnxModel renewed, IReadOnlyList<string> head) = Replace(model, classes, detail.Seed);
        // The pre-trained model tells other classes apart, and cannot teach these.
        TrainingDetail alone = detail with { Parameters = head, FreezeNormalization = true };
        OnnxModel trained = RecoveryTraining.Run(renewed, training with { Distill = false }, transfer.HeadSteps, alone, cancel);
        return RecoveryTraining.Run(trained, training with { Distill = false }, transfer.Steps, detail with { Seed = unchecked(detail.Seed + 1) }, cancel);
    }

    /// <summary>A copy whose last layer is drawn anew for other classes, and the names of that layer's parameters.</summary>
    /// <param name="model">The classifier; its first output has the classes on axis 1.</param>
    /// <param name="classes">Classes of the target, at least 2.</param>
    /// <param name="seed">Seed of the new weights.</param>
    /// <exception cref="InputException">There is no such layer, or something behind it holds on to the classes that it had.</exception>
    public static (OnnxModel Model, IReadOnlyList<string> Head) Replace(OnnxModel model, int classes, int seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        OnnxModel copy = model.Clone();
        var index = new GraphIndex(copy.Graph);
        var between = new List<NodeProto>();
        string value = copy.Graph.Output[0].Name;
        LinearLayer? layer = null;
        while (layer is null)
        {
            NodeProto node = index.Producer(value) ?? throw None(model, $"'{Printable.Name(value)}' is made by no node");
            if (index.Consumers(value).Count + (index.Outputs.Contains(value) ? 1 : 0) > 1)
            {
                throw None(model, $"'{Printable.Name(value)}' is read more than once");
            }

            if (!LinearLayer.TryOf(index, node, out layer))
            {
                between.Add(node.IsStandard() && Passing.Contains(node.OpType) ? node : throw None(model, $"{node.Describe()} stands before the output"));
                value = node.OpType == "Add" && index.Constant(node.Input[0]) is not null ? node.Input[1] : node.Input[0];
            }
        }

        if (layer.Groups > 1 || index.Initializer(layer.Weights) is null || index.Consumers(layer.Weights).Count > 1)
        {
            throw None(model, $"the weights of {layer.Node.Describe()} are grouped, shared or no initializer");
        }

        int had = layer.Outputs;
        var head = new List<string> { layer.Weights };
        long[] dims = Array.ConvertAll(layer.Dims, d => (long)d);
        dims[layer.Node.OpType == "Conv" || layer.Node.GetInt("transB", 0) != 0 ? 0 : 1] = classes;
        double limit = Math.Sqrt(6.0 / (layer.Columns + (classes * (double)layer.Kernel)));
        var random = new Random(unchecked((seed * 7919) + classes));
        Write(index.Initializer(layer.Weights)!, dims, () => (float)(((2 * random.NextDouble()) - 1) * limit));
        foreach (string bias in Biases(layer, between, index, model))
        {
            TensorProto tensor = index.Initializer(bias) is { } own && index.Consumers(bias).Count == 1
                ? own
                : throw None(model, $"the bias '{Printable.Name(bias)}' is shared or no initializer");
            if (TensorReader.Count(tensor) == 1)
            {
                continue;
            }

            Write(tensor, [.. tensor.Dims.Select(d => d == had ? classes : d)], () => 0);
            head.Add(bias);
        }

        Reshape(between, index, had, classes, model);
        foreach (ValueInfoProto output in copy.Graph.Output.Take(1).Where(o => o.Type?.TensorType?.Shape is { Dim.Count: >= 2 }))
        {
            output.Type.TensorType.Shape.Dim[1] = new TensorShapeProto.Types.Dimension { DimValue = classes };
        }

        copy.Graph.ValueInfo.Clear();
        return (copy, head);
    }

    private static IEnumerable<string> Biases(LinearLayer layer, IEnumerable<NodeProto> between, GraphIndex index, OnnxModel model)
    {
        if (layer.Bias is { } own)
        {
            yield return own;
        }

        foreach (NodeProto add in between.Where(n => n.OpType == "Add"))
        {
            yield return add.Input.FirstOrDefault(i => index.Constant(i) is not null) ?? throw None(model, $"{add.Describe()} adds two computed values");
        }
    }

    // Shapes that name the number of classes are rewritten; −1 and 0 fit any.
    private static void Reshape(IEnumerable<NodeProto> between, GraphIndex index, int had, int classes, OnnxModel model)
    {
        foreach (NodeProto node in between.Where(n => n.OpType == "Reshape"))
        {
            TensorProto shape = index.Initializer(node.Input[1]) is { } own && index.Consumers(node.Input[1]).Count == 1
                ? own
                : throw None(model, $"the shape of {node.Describe()} is computed or shared");
            long[] numbers = [.. TensorReader.ToInts(shape)];
            if (numbers.Length > 1 && numbers[1] == had)
            {
                numbers[1] = classes;
                TensorProto made = TensorEditor.FromInts(shape.Name, numbers, numbers.Length);
                shape.Int64Data.Clear();
                shape.Int64Data.Add(made.Int64Data);
                shape.RawData = made.RawData;
            }
        }
    }

    private static void Write(TensorProto tensor, long[] dims, Func<float> draw)
    {
        float[] values = new float[dims.Aggregate(1L, (a, d) => checked(a * d))];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = draw();
        }

        TensorProto made = TensorEditor.FromFloats(tensor.Name, values, dims);
        tensor.FloatData.Clear();
        tensor.Dims.Clear();
        tensor.Dims.Add(dims);
        tensor.DataType = made.DataType;
        tensor.RawData = ByteString.CopyFrom(made.RawData.Span);
    }

    private static InputException None(OnnxModel model, string why) => new(
        $"{model.Source}: has no head that could be replaced: {why}. A classifier is transferred that ends in a Conv, Gemm or MatMul, behind which only a softmax, a sum with a bias or a change of shape stands");
}
