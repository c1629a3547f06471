using EdgePrune.Agent.Deployment;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>
/// Does the first thing that the child does, reading the file, in this process, and leaves what passes to the child: it saves a process
/// for each model that is refused by then, and lets none of them near this process's runtime.
/// </summary>
internal sealed class ReadFirstPreflight(IPreflight child) : IPreflight
{
    public PreflightResult Run(string path, CancellationToken cancellationToken) => Run(path, null, cancellationToken);

    public PreflightResult Run(string path, PreflightCanaries? canaries, CancellationToken cancellationToken)
    {
        try
        {
            OnnxModel.FromBytes(File.ReadAllBytes(path), "the model of the bundle");
        }
        catch (InputException e)
        {
            return new PreflightResult(false, e.Message, TimeSpan.Zero, null);
        }

        return child.Run(path, canaries, cancellationToken);
    }
}
