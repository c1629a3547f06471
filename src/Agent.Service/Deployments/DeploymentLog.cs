namespace EdgePrune.Agent.Service.Deployments;

internal static partial class DeploymentLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "deployment {Deployment} is to be {Decision} and the disk refuses; it is tried again")]
    public static partial void DecisionFailed(this ILogger logger, Exception exception, string deployment, string decision);

    [LoggerMessage(Level = LogLevel.Error, Message = "the current model cannot be served")]
    public static partial void NothingServes(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "the current model {Digest} is damaged: {Problem}")]
    public static partial void ModelDamaged(this ILogger logger, string digest, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "what is known about the canaries of the current model cannot be read")]
    public static partial void HistoryUnread(this ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "the model {Digest} is left behind: {Reason}")]
    public static partial void CrashLoop(this ILogger logger, string digest, string reason);
}
