using EdgePrune.Agent.Service.Configuration;

namespace EdgePrune.Agent.Service.Serving;

/// <summary>How much inference at once, and how long.</summary>
internal sealed record InferenceSettings
{
    /// <summary>The largest request, in bytes; also the most that its tensors may have once unpacked.</summary>
    public required long MaxBytes { get; init; }

    /// <summary>Requests that run at a time.</summary>
    public required int Concurrency { get; init; }

    /// <summary>Requests that wait; more are turned away.</summary>
    public required int Queue { get; init; }

    /// <summary>What requests may take together in memory, in bytes: a few of the largest.</summary>
    public long MaxBodyBytes => Math.Max(64L << 20, 4 * MaxBytes);

    /// <summary>How long a request may take from when it has come in whole, waiting included.</summary>
    public required TimeSpan Deadline { get; init; }

    public static InferenceSettings Read(SettingsReader reader, int threads) => new()
    {
        MaxBytes = reader.Number("limits:inferenceBytes", 8L << 20, 1, 1L << 30),
        // As many as have processors of their own: more would only make each slower.
        Concurrency = (int)reader.Number("inference:concurrency", Math.Max(1, Environment.ProcessorCount / Math.Max(1, threads)), 1, 256),
        Queue = (int)reader.Number("inference:queue", 64, 0, 100_000),
        Deadline = TimeSpan.FromSeconds(reader.Number("inference:deadlineSeconds", 30, 1, 3600)),
    };
}
