using EdgePrune.Agent.Service;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Service.Systemd;
using EdgePrune.Onnx;

try
{
    switch (args)
    {
        case [PreflightRun.Command, var model]:
            PreflightRun.Execute(model);
            return 0;
        case ["check", "--config", var checkedFile]:
            AgentSettings.Load(checkedFile);
            return 0;
        case [HealthCommand.Command]:
            return await HealthCommand.RunAsync(null);
        case [HealthCommand.Command, var socket]:
            return await HealthCommand.RunAsync(socket);
        case [] or ["--config", _]:
            string? file = args is [_, var given] ? given : Environment.GetEnvironmentVariable("EDGEPRUNE_AGENT_CONFIG");
            AgentSettings settings = AgentSettings.Load(file);
            await using (WebApplication app = AgentHost.Build(settings))
            {
                await app.StartAsync();
                await Console.Error.WriteLineAsync($"edgeprune-agent: listening on {(settings.Tls is null ? "http" : "https")}://{settings.Listen}");
                await app.WaitForShutdownAsync();
            }

            return 0;
        default:
            await Console.Error.WriteLineAsync("usage: edgeprune-agent [--config FILE]\n       edgeprune-agent check --config FILE\n       edgeprune-agent health [SOCKET]");
            return 2;
    }
}
catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"edgeprune-agent: {e.Message}");
    return 1;
}
