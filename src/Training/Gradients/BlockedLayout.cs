using EdgePrune.Onnx;
using EdgePrune.Onnx.Graphs;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using static EdgePrune.Onnx.Proto.TensorProto.Types;

namespace EdgePrune.Training.Gradients;

/// <summary>
/// The layout that ONNX Runtime's own convolutions of the CPU work in, NCHWc: channels in blocks of 8 or 16, a block's channels
/// beside each other (domain <c>com.microsoft.nchwc</c>; its optimiser writes these operators into models with constant weights,
/// and a model may hold them itself). The size of a block depends on the processor.
/// </summary>
internal static class BlockedLayout
{
    public const string Domain = "com.microsoft.nchwc";

    private const int Channels = 64;

    /// <summary>Channels of a block here, or 0 where the runtime has no such layout.</summary>
    public static int ProbeBlock()
    {
        // Two positions of many channels, numbered: the second position of channel 0 comes to lie one block behind its first.
        var graph = new GraphProto { Name = "layout" };
        graph.Initializer.Add(TensorEditor.FromInts("flat", [-1], 1));
        graph.Input.Add(Steps.StepInput.Describe("x", DataType.Float, [1, Channels, 1, 2]));
        var reorder = new NodeProto { OpType = "ReorderInput", Domain = Domain, Input = { "x" }, Output = { "blocked" } };
        graph.Node.Add([reorder, new NodeProto { OpType = "Reshape", Input = { "blocked", "flat" }, Output = { "y" } }]);
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add([new OperatorSetIdProto { Domain = "", Version = 13 }, new OperatorSetIdProto { Domain = Domain, Version = 1 }]);
        try
        {
            using ModelSession session = ModelSession.Create(model.ToByteArray(), "a probe of the runtime's layout");
            using OrtValue x = OrtValue.CreateTensorValueFromMemory(Enumerable.Range(0, 2 * Channels).Select(i => (float)i).ToArray(), [1, Channels, 1, 2]);
            using NamedValues values = session.Run(new Dictionary<string, OrtValue> { ["x"] = x });
            int block = values["y"].GetTensorDataAsSpan<float>().IndexOf(1f);
            return block is 8 or 16 ? block : 0;
        }
        catch (InputException)
        {
            // Without the layout the runtime does not know the operator; every gradient has a form that does without.
            return 0;
        }
    }

    /// <summary>[N, C, H, W] into blocks; C must be a multiple of the block. Done once for each value.</summary>
    public static string From(GraphWriter w, string value)
    {
        if (!w.InBlocks.TryGetValue(value, out string? known))
        {
            known = w.InBlocks[value] = w.Node("ReorderInput", [value], n => n.Domain = Domain);
        }

        return known;
    }

    /// <summary>Out of blocks into [N, C, H, W], under the name given or one of its own.</summary>
    public static string To(GraphWriter w, string value, long channels, string? name = null)
    {
        var node = new NodeProto { OpType = "ReorderOutput", Domain = Domain, Name = w.Name("ReorderOutput") };
        node.Input.Add(value);
        node.Output.Add(name ?? w.Name("ReorderOutput.0"));
        node.SetInt("channels", channels);
        node.SetInt("channels_last", 0);
        w.Add(node);
        return node.Output[0];
    }
}
