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
        var index = new GraphIndex(model.Graph);
        string value = model.Graph.Output[0].Name;
        NodeProto? node = index.Producer(value);
        while (node is not null && node.IsStandard() && node.OpType == "Identity")
        {
            node = index.Producer(node.Input[0]);
        }

        if (node is null || !node.IsStandard() || node.OpType is not ("Softmax" or "LogSoftmax") || index.Initializer(node.Input[0]) is not null)
        {
            return model;
        }

        OnnxModel cut = model.Clone();
        cut.Graph.Output[0] = new ValueInfoProto { Name = node.Input[0] };
        return cut;
    }
}
