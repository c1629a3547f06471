using System.Net;

namespace EdgePrune.Agent.Service.DialOut;

internal static partial class DialOutLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "connected to the {Controller}")]
    public static partial void Connected(this ILogger logger, EndPoint controller);

    [LoggerMessage(Level = LogLevel.Warning, Message = "no connection to the {Controller}: {Reason}")]
    public static partial void NotConnected(this ILogger logger, EndPoint controller, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "what the controller wants is not done or not told yet: {Reason}")]
    public static partial void NotYet(this ILogger logger, string reason);
}
