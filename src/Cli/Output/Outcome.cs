using Spectre.Console;

namespace EdgePrune.Cli.Output;

/// <summary>What a command found: one JSON document, and the same for people.</summary>
/// <param name="Document">Serialised to standard output under <c>--json</c>.</param>
/// <param name="Show">Writes it for people.</param>
/// <param name="Code">How the process ends.</param>
internal sealed record Outcome(object Document, Action<IAnsiConsole> Show, ExitCode Code = ExitCode.Ok);
