using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Onnx;

try
{
    switch (args)
    {
        case [PreflightRun.Command, var model, .. var canaries]:
            PreflightRun.Execute(model, PreflightCanaries.FromArguments(canaries));
            return 0;
        case [] or ["--config", _]:
            string? file = args is [_, var given] ? given : Environment.GetEnvironmentVariable("EDGEPRUNE_AGENT_CONFIG");
            AgentSettings settings = AgentSettings.Load(file);
            // A run blocks its thread: without these the pool would be short of threads for as many requests as may run.
            ThreadPool.GetMinThreads(out int workers, out int completions);
            ThreadPool.SetMinThreads(workers + settings.Inference.Concurrency, completions);
            await using (WebApplication app = AgentHost.Build(settings))
            {
                await app.StartAsync();
                await Console.Error.WriteLineAsync($"edgeprune-agent: listening on {(settings.Tls is null ? "http" : "https")}://{settings.Listen}");
                await app.WaitForShutdownAsync();
            }

            return 0;
        default:
            await Console.Error.WriteLineAsync("usage: edgeprune-agent [--config FILE]");
            return 2;
    }
}
catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"edgeprune-agent: {e.Message}");
    return 1;
}
