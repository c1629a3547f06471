using System.CommandLine;
using EdgePrune.Cli.Options;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using Spectre.Console;

namespace EdgePrune.Cli.Commands;

/// <summary>
/// Loads a model and runs it once on synthetic inputs. Hidden: the agent starts it as a child process, so that a model
/// that brings the runtime down takes only the child with it.
/// </summary>
internal sealed class PreflightCommand : ReportingCommand
{
    private readonly Argument<string> model = SharedOptions.Model();
    private readonly Option<Dictionary<string, long[]>> shapes = SharedOptions.Shapes();
    private readonly Option<int> threads = SharedOptions.Threads();
    private readonly Option<string> provider = SharedOptions.Provider();

    public PreflightCommand()
        : base("preflight", "Load a model and run it once on synthetic inputs.", "edgeprune preflight model.onnx")
    {
        Hidden = true;
        Add(model);
        Add(shapes);
        Add(threads);
        Add(provider);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        OnnxModel loaded = OnnxModel.Load(parsed.GetValue(model)!);
        using ModelSession session = ModelSession.Create(loaded, SharedOptions.Settings(parsed, threads, provider));
        using NamedValues inputs = SyntheticInputs.Make(session.Inputs, seed: 0, Shapes(loaded, session, parsed.GetValue(shapes)));
        using NamedValues outputs = session.Run(inputs);
        return new Outcome(new PreflightDocument(Ok: true, [.. outputs.Keys]), console => console.Write(new Text("ok\n")));
    }

    // Free dimensions are settled by trial, as everywhere else; one trial more only where there are any.
    private static IReadOnlyDictionary<string, long[]>? Shapes(OnnxModel model, ModelSession session, IReadOnlyDictionary<string, long[]>? given) =>
        session.Inputs.All(i => i.Shape.All(d => d >= 0))
            ? given
            : ShapeProbe.Run(model, shapes: given).Where(v => session.Inputs.Any(i => i.Name == v.Key)).ToDictionary(v => v.Key, v => v.Value.Dims);

    private sealed record PreflightDocument(bool Ok, IReadOnlyList<string> Outputs);
}
