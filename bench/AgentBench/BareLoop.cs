using EdgePrune.Onnx.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgePrune.Bench.Agent;

/// <summary>ONNX Runtime alone, as a program that does nothing else would call it: what is the same in each run is prepared once.</summary>
internal sealed class BareLoop(InferenceSession session, NamedValues inputs) : IDisposable
{
    private readonly RunOptions options = new();
    private readonly string[] names = [.. inputs.Keys];
    private readonly OrtValue[] values = [.. inputs.Values];
    private readonly string[] outputs = [.. session.OutputNames];

    public void Run() => session.Run(options, names, values, outputs).Dispose();

    public void Dispose() => options.Dispose();
}
