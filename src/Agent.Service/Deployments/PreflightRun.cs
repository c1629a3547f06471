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

    /// <summary>Loads a model and runs it once on synthetic inputs.</summary>
    /// <exception cref="InputException">It cannot be loaded or run.</exception>
    public static void Execute(string path)
    {
        OnnxModel model = OnnxModel.Load(path);
        using ModelSession session = ModelSession.Create(model);
        IReadOnlyDictionary<string, long[]>? shapes = session.Inputs.All(i => i.Shape.All(d => d >= 0))
            ? null
            : ShapeProbe.Run(model).Where(v => session.Inputs.Any(i => i.Name == v.Key)).ToDictionary(v => v.Key, v => v.Value.Dims);
        using NamedValues inputs = SyntheticInputs.Make(session.Inputs, seed: 0, shapes);
        using NamedValues outputs = session.Run(inputs);
    }
}
