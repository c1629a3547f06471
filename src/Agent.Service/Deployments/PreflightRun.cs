using EdgePrune.Agent.Canaries;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>The trial of a model, both sides: what the child process does, and how the service starts it.</summary>
internal static class PreflightRun
{
    public const string Command = "preflight";

    /// <summary>Starts this very program once more for each trial.</summary>
    public static IPreflight InChild(AgentSettings settings)
    {
        (string program, string[] arguments) = OwnProgram.With(Command);
        return new ChildProcessPreflight(program, arguments, settings.PreflightTime, settings.PreflightMemoryBytes);
    }

    /// <summary>
    /// Reads a model as strictly as everything else here does (external data, which would be other files of the store, are refused),
    /// loads it, and runs it once on synthetic inputs, or on its canaries where it has some.
    /// </summary>
    /// <exception cref="InputException">It cannot be loaded or run, or does not give what the canaries expect.</exception>
    public static void Execute(string path, PreflightCanaries? canaries)
    {
        OnnxModel model = OnnxModel.FromBytes(File.ReadAllBytes(path), "the model of the bundle");
        using ModelSession session = ModelSession.Create(model);
        if (canaries is not null)
        {
            using CanarySet set = CanarySet.Load(canaries.Path);
            CanaryResult result = set.Check(session, canaries.Rule);
            if (!result.Holds(canaries.Rule))
            {
                throw new InputException(result.ToString());
            }

            return;
        }

        using NamedValues inputs = TrialInputs.Synthetic(session, () => model);
        using NamedValues outputs = session.Run(inputs);
    }
}
