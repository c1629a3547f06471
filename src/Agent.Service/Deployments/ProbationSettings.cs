using EdgePrune.Agent.Service.Configuration;

namespace EdgePrune.Agent.Service.Deployments;

/// <summary>How models are tried where their bundles do not say otherwise, and when a model counts as bringing the service down.</summary>
internal sealed record ProbationSettings
{
    /// <summary>After this time at the latest it is decided.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>Comparisons with the incumbent after which it is decided.</summary>
    public required int Requests { get; init; }

    /// <summary>Fewer comparisons than these decide nothing: the model goes back.</summary>
    public required int MinRequests { get; init; }

    /// <summary>How many starts in a row must end soon, and not by a stop, until the model is taken for the cause.</summary>
    public required int CrashLimit { get; init; }

    /// <summary>How soon after loading a crash is blamed on the model.</summary>
    public required TimeSpan CrashWindow { get; init; }

    public static ProbationSettings Read(SettingsReader reader)
    {
        int requests = (int)reader.Number("probation:requests", 200, 1, 1_000_000);
        return new ProbationSettings
        {
            Time = TimeSpan.FromSeconds(reader.Number("probationSeconds", 600, 1, 30 * 86_400)),
            Requests = requests,
            MinRequests = (int)reader.Number("probation:minRequests", Math.Min(50, requests), 0, requests),
            CrashLimit = (int)reader.Number("crashes:limit", 3, 1, 1000),
            CrashWindow = TimeSpan.FromSeconds(reader.Number("crashes:withinSeconds", 120, 1, 86_400)),
        };
    }
}
