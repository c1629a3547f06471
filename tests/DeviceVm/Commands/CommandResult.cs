using System.Text.Json;

namespace EdgePrune.DeviceVm.Commands;

/// <summary>What a run of edgeprune ended with.</summary>
/// <param name="Output">Standard output: with --json one document.</param>
/// <param name="Error">Standard error: messages and progress.</param>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>The document on standard output; false where there is none.</summary>
    public bool TryDocument(out JsonElement document)
    {
        try
        {
            using var parsed = JsonDocument.Parse(Output);
            document = parsed.RootElement.Clone();
            return true;
        }
        catch (JsonException)
        {
            document = default;
            return false;
        }
    }

    /// <summary>The document on standard output.</summary>
    /// <exception cref="InvalidDataException">There is none; the message holds what was printed instead.</exception>
    public JsonElement Document() =>
        TryDocument(out JsonElement document) ? document : throw new InvalidDataException($"no JSON on standard output, {this}");

    /// <summary>Exit code and the end of the messages, for a report.</summary>
    public override string ToString() => $"exit code {ExitCode}: {(Error.Length > 400 ? Error[^400..] : Error)}";
}
