using System.Text;
using EdgePrune.Agent.Deployment;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.CrashChild;

/// <summary>Takes every file but those that begin with "bad": these tests are about the store, which parses nothing.</summary>
public sealed class PrefixCheck : IModelCheck
{
    public void Check(string path)
    {
        if (File.ReadAllBytes(path).AsSpan().StartsWith(Encoding.ASCII.GetBytes("bad")))
        {
            throw new InputException("the model begins badly");
        }
    }
}

/// <summary>Gives a fixed answer.</summary>
public sealed class FixedPreflight(bool passes = true) : IPreflight
{
    public PreflightResult Run(string path, CancellationToken cancellationToken) =>
        new(passes, passes ? null : "it said no", TimeSpan.Zero, PeakMemoryBytes: null);
}
