namespace EdgePrune.Agent.Service.Deployments;

internal static partial class DeploymentLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "deployment {Deployment} could not be rolled back; the next start does it")]
    public static partial void RollbackFailed(this ILogger logger, Exception exception, string deployment);

    [LoggerMessage(Level = LogLevel.Error, Message = "the current model cannot be served")]
    public static partial void NothingServes(this ILogger logger, Exception exception);
}
