using System.Security.Cryptography;
using EdgePrune.Agent.Store;

namespace EdgePrune.Agent.CrashChild;

/// <summary>A store and some "models" (random bytes) beside it, all below one folder.</summary>
public sealed record ScenarioFolders(string Root)
{
    private const int ModelBytes = 150_000;

    public string Store => Path.Combine(Root, "store");

    public string Model(string name) => Path.Combine(Root, name + ".onnx");

    public ModelDigest DigestOf(string name) => ModelDigest.FromHash(SHA256.HashData(File.ReadAllBytes(Model(name))));

    /// <summary>Writes models a to f, and one that the check refuses.</summary>
    public ScenarioFolders CreateModels()
    {
        foreach (string name in (string[])["a", "b", "c", "d", "e", "f"])
        {
            File.WriteAllBytes(Model(name), RandomNumberGenerator.GetBytes(ModelBytes));
        }

        File.WriteAllText(Model("bad"), "bad model");
        return this;
    }
}
