using System.Text.Json;
using EdgePrune.Cli.Output;

namespace EdgePrune.Cli.Tests;

/// <summary>One command line run inside the test, and all that it wrote.</summary>
internal sealed record CapturedRun(ExitCode Code, string Out, string Error)
{
    /// <summary>The one JSON document that standard output holds.</summary>
    public JsonElement Document => JsonDocument.Parse(Out).RootElement;

    public static CapturedRun Of(params string[] args) => Under(TestContext.Current.CancellationToken, args);

    public static CapturedRun Under(CancellationToken cancellationToken, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        ExitCode code = CommandLine.Run(args, new Surroundings(output, error) { Width = 80 }, cancellationToken);
        return new CapturedRun(code, output.ToString(), error.ToString());
    }
}
