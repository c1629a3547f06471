using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;

namespace EdgePrune.Profiler.Timing;

/// <summary>
/// A fixed small convolution, run before and after whatever is timed. Its time tells how fast the machine was at that moment: it is
/// short, so that it sees disturbances that last a millisecond, and of the kind of work that networks are made of, because a busy
/// neighbour on the same core slows arithmetic more than it slows copying.
/// </summary>
internal sealed class ReferenceLoop : IDisposable
{
    private const int Channels = 32;
    private const int Size = 8;
    private const int Opset = 13;
    private const double WarmUp = 5e-3;
    private readonly NamedValues inputs;
    private readonly TimedLoop loop;

    public ReferenceLoop(SessionSettings settings, TimeProvider clock)
    {
        Model = Build();
        ModelSession session = ModelSession.Create(Model, settings);
        inputs = SyntheticInputs.Make(session.Inputs, seed: 0);
        loop = new TimedLoop(session, inputs, "the reference loop", clock);
        loop.Runs(WarmUp);
    }

    public OnnxModel Model { get; }

    /// <summary>Seconds of the faster of two runs: one alone may have been interrupted, or have found the caches cold.</summary>
    public double Probe() => Math.Min(loop.Once(), loop.Once());

    public void Dispose()
    {
        loop.Dispose();
        inputs.Dispose();
    }

    private static OnnxModel Build()
    {
        float[] weights = new float[Channels * Channels * 9];
        Array.Fill(weights, 0.01f);
        var node = new NodeProto { OpType = "Conv", Name = "reference" };
        node.Input.Add(["x", "w"]);
        node.Output.Add("y");
        TypeProto type = IsolatedModel.TensorOf(TensorProto.Types.DataType.Float, [1, Channels, Size, Size]);
        var graph = new GraphProto { Name = "reference" };
        graph.Node.Add(node);
        graph.Initializer.Add(TensorEditor.FromFloats("w", weights, Channels, Channels, 3, 3));
        graph.Input.Add(new ValueInfoProto { Name = "x", Type = type });
        graph.Output.Add(new ValueInfoProto { Name = "y" });
        var model = new ModelProto { IrVersion = 8, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        return OnnxModel.FromProto(model, "the reference loop");
    }
}
