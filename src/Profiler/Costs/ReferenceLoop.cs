using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Onnx.Tensors;
using EdgePrune.Profiler.Timing;

namespace EdgePrune.Profiler.Costs;

/// <summary>
/// A fixed convolution timed beside each point of a sweep. A sweep lasts long enough for a machine to change its clock in between;
/// the reference tells by how much, and the point is scaled by it.
/// </summary>
internal sealed class ReferenceLoop : IDisposable
{
    private const int Channels = 32;
    private const int Size = 16;
    private const int Opset = 13;
    private readonly NamedValues inputs;
    private readonly TimedLoop loop;

    public ReferenceLoop(SessionSettings settings, TimeProvider clock)
    {
        Model = Build();
        ModelSession session = ModelSession.Create(Model, settings);
        inputs = SyntheticInputs.Make(session.Inputs, seed: 0);
        loop = new TimedLoop(session, inputs, "the reference loop", clock);
        loop.Runs(5e-3);
    }

    public OnnxModel Model { get; }

    public double Reading(double slice) => loop.Reading(slice);

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
