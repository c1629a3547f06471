using EdgePrune.Agent.Deployment;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>Reads the model as strictly as everything else here does; external data, which would be another file, are refused.</summary>
internal sealed class WholeModelCheck : IModelCheck
{
    public void Check(string path) => OnnxModel.FromBytes(File.ReadAllBytes(path), "the model of the bundle");
}
