namespace EdgePrune.Agent.Service.Jobs;

internal static partial class JobLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "the measurement {Job} could not be brought to its end")]
    public static partial void JobStateNotKept(this ILogger logger, Exception exception, string job);
}
