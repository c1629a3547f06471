namespace EdgePrune.Agent.Service.Jobs;

/// <summary>A job with where it stands: what its file holds and what clients are told.</summary>
/// <param name="Id">Its name; later jobs have later names.</param>
/// <param name="Kind">What it measures.</param>
/// <param name="Models">Digests of the models, in the order of the request.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Progress">Share done, 0 to 1.</param>
/// <param name="Message">What is being done, or why it ended.</param>
/// <param name="Created">When it was asked for.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Started">When it began, for the last time.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="Attempts">How often it has begun: a job that the agent's end has interrupted begins again.</param>
/// <param name="DisturbedBy">Inference requests that were answered while it measured; null before it has ended.</param>
internal sealed record Job(
    string Id,
    JobKind Kind,
    IReadOnlyList<string> Models,
    JobState State,
    double Progress,
    string Message,
    DateTimeOffset Created,
    JobRequest Request,
    DateTimeOffset? Started = null,
    DateTimeOffset? Ended = null,
    int Attempts = 0,
    long? DisturbedBy = null)
{
    public bool HasEnded() => State is JobState.Done or JobState.Failed or JobState.Cancelled;
}
