using EdgePrune.Onnx;

namespace EdgePrune.Agent.Deployment;

/// <summary>Looks at a model file before the store takes it, without running it.</summary>
public interface IModelCheck
{
    /// <param name="path">The store's own copy of the file, under a temporary name.</param>
    /// <exception cref="InputException">The model is not acceptable; the message says why.</exception>
    void Check(string path);
}
