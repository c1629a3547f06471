using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Profiler.Timing;

namespace EdgePrune.Profiler.Costs;

/// <summary>
/// Puts a small convolution before each input that reaches the layer in blocked layout within the network. The runtime chooses
/// layouts from what stands around a node, so a block alone would be executed in another one. The convolution is not timed.
/// </summary>
internal static class LayoutAdapter
{
    public const string Prefix = "edgeprune_layout_";
    private const int Channels = 4;

    // Where the runtime blocks, it blocks by 8 or 16 channels.
    internal const int Block = 16;

    /// <summary>A convolution between a plain input and a plain output, so that the runtime changes the layout before and after it.</summary>
    /// <param name="plane">Elements of one channel.</param>
    /// <param name="channels">Number of channels of its output; its input has as many, rounded up to what can be blocked.</param>
    public static OnnxModel Between(long plane, int channels)
    {
        int inputs = (channels + Block - 1) / Block * Block;
        float[] weights = new float[channels * inputs];
        Array.Fill(weights, 0.01f);
        var node = new NodeProto { OpType = "Conv", Name = "between" };
        node.Input.Add(["x", "w"]);
        node.Output.Add("y");
        var graph = new GraphProto { Name = "layout" };
        graph.Node.Add(node);
        graph.Initializer.Add(TensorEditor.FromFloats("w", weights, channels, inputs, 1, 1));
        graph.Input.Add(new ValueInfoProto { Name = "x", Type = IsolatedModel.TensorOf(TensorProto.Types.DataType.Float, [1, inputs, plane, 1]) });
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 13 });
        return OnnxModel.FromProto(model, "the layout loop");
    }

    public static OnnxModel Wrap(OnnxModel block, IReadOnlyCollection<string> blockedInputs)
    {
        OnnxModel wrapped = block.Clone();
        GraphProto graph = wrapped.Graph;
        var adapters = new List<NodeProto>();
        foreach (ValueInfoProto input in graph.Input.Where(i => blockedInputs.Contains(i.Name)).ToArray())
        {
            long[] dims = [.. input.Type.TensorType.Shape.Dim.Select(d => d.DimValue)];
            if (dims.Length != 4 || input.Type.TensorType.ElemType != (int)TensorProto.Types.DataType.Float)
            {
                continue;
            }

            string name = Prefix + adapters.Count;
            float[] weights = new float[dims[1] * Channels];
            Array.Fill(weights, 0.25f);
            graph.Initializer.Add(TensorEditor.FromFloats(name + "_weight", weights, dims[1], Channels, 1, 1));
            var adapter = new NodeProto { OpType = "Conv", Name = name };
            adapter.Input.Add([name + "_input", name + "_weight"]);
            adapter.Output.Add(input.Name);
            adapters.Add(adapter);
            // As an output of the graph the value must exist, so the runtime cannot fuse the block's first node into the adapter.
            graph.Output.Add(input.Clone());
            graph.Input.Remove(input);
            graph.Input.Add(new ValueInfoProto
            {
                Name = name + "_input",
                Type = IsolatedModel.TensorOf(TensorProto.Types.DataType.Float, [dims[0], Channels, dims[2], dims[3]]),
            });
        }

        NodeProto[] own = [.. graph.Node];
        graph.Node.Clear();
        graph.Node.AddRange(adapters);
        graph.Node.AddRange(own);
        return wrapped;
    }
}
