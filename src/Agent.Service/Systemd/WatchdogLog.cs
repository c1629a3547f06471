namespace EdgePrune.Agent.Service.Systemd;

internal static partial class WatchdogLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "the service does not answer its own request for its health: {Reason}")]
    public static partial void NoAnswer(this ILogger logger, string reason);
}
