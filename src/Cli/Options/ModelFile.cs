using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Cli.Options;

/// <summary>Models that the user names: untrusted, so each is run once in a child process before this process touches it.</summary>
internal static class ModelFile
{
    /// <exception cref="InputException">The file is no sound model, or running it fails or ends the process that runs it.</exception>
    public static OnnxModel Load(string path, IReadOnlyDictionary<string, long[]>? shapes = null)
    {
        OnnxModel model = OnnxModel.Load(path);
        ModelTrial.Check(model, shapes);
        return model;
    }
}
