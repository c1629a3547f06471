using EdgePrune.Agent.Deployment;
using EdgePrune.Onnx;

namespace EdgePrune.Cli.Deployment;

/// <summary>Reads the model as strictly as everything else here does; a deployed model is one file, so external data are refused.</summary>
internal sealed class StoredModelCheck : IModelCheck
{
    public void Check(string path) => OnnxModel.FromBytes(File.ReadAllBytes(path), "the model to be deployed");
}
