using System.Text.Json;

namespace EdgePrune.Agent.Service.Jobs;

/// <summary>What a measuring child process says: how far it is, or why it cannot go on.</summary>
/// <param name="Progress">Share done, 0 to 1.</param>
/// <param name="Message">What is being done, or what was wrong.</param>
/// <param name="Failed">True where it is the last word.</param>
internal sealed record MeasureLine(double Progress, string Message, bool Failed)
{
    // Native code may print to the same stream.
    private const string Marker = "edgeprune-measure:";

    public string Write() => Marker + Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(this));

    public static MeasureLine? Parse(string line)
    {
        if (!line.StartsWith(Marker, StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<MeasureLine>(Convert.FromBase64String(line[Marker.Length..]));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }
}
