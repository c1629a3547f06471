using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;

namespace EdgePrune.Training.Evaluation;

/// <summary>The end of a classifier.</summary>
internal static class ClassifierHead
{
    /// <summary>
    /// A model whose first output is the logits: of one that ends with Softmax or LogSoftmax, what goes into that. The model
    /// itself where it ends with logits.
    /// </summary>
    public static OnnxModel Logits(OnnxModel model)
    {
        if (Softmax(new GraphIndex(model.Graph), model.Graph.Output[0].Name) is not { } node)
        {
            return model;
        }

        OnnxModel cut = model.Clone();
        cut.Graph.Output[0] = new ValueInfoProto { Name = node.Input[0] };
        return cut;
    }

    /// <summary>The Softmax or LogSoftmax whose result, passed on or not, an output is; null where it is none.</summary>
    public static NodeProto? Softmax(GraphIndex index, string output)
    {
        NodeProto? node = index.Producer(output);
        while (node is not null && node.IsStandard() && node.OpType == "Identity")
        {
            node = index.Producer(node.Input[0]);
        }

        return node is not null && node.IsStandard() && node.OpType is "Softmax" or "LogSoftmax" && index.Initializer(node.Input[0]) is null ? node : null;
    }
}
