using EdgePrune.Agent.Service.Jobs;

namespace EdgePrune.Agent.Service.Api;

/// <param name="Id">Its name.</param>
/// <param name="Kind">What it measures.</param>
/// <param name="Models">Digests of the models.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Progress">Share done, 0 to 1.</param>
/// <param name="Message">What is being done, or why it ended.</param>
/// <param name="Created">When it was asked for.</param>
/// <param name="Started">When it began.</param>
/// <param name="Ended">When it ended.</param>
/// <param name="DisturbedBy">Inference requests that were answered while it measured.</param>
internal sealed record JobAnswer(
    string Id, JobKind Kind, IReadOnlyList<string> Models, JobState State, double Progress, string Message, DateTimeOffset Created, DateTimeOffset? Started, DateTimeOffset? Ended, long? DisturbedBy)
{
    public static JobAnswer Of(Job job) =>
        new(job.Id, job.Kind, job.Models, job.State, job.Progress, job.Message, job.Created, job.Started, job.Ended, job.DisturbedBy);
}
