using EdgePrune.Onnx;
using EdgePrune.Onnx.Proto;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Profiler.Layers;

/// <summary>Captures the graph that ONNX Runtime executes after its own fusion and layout changes.</summary>
internal static class OptimizedModel
{
    public static ModelProto Capture(OnnxModel model, SessionSettings settings)
    {
        string folder = Directory.CreateTempSubdirectory("edgeprune-").FullName;
        try
        {
            string path = Path.Combine(folder, "optimized.onnx");
            ModelSession.Create(model, settings with { OptimizedModelPath = path }).Dispose();
            return ModelProto.Parser.ParseFrom(File.ReadAllBytes(path));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
