namespace EdgePrune.Agent.Service.Jobs;

internal static partial class JobLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "the state of job {Job} could not be written")]
    public static partial void JobStateNotKept(this ILogger logger, Exception exception, string job);
}
