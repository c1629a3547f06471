using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Service;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Service.Jobs;
using EdgePrune.Agent.Service.Systemd;
using EdgePrune.Onnx;

const string EndWithInput = "--end-with-stdin";

try
{
    switch (args)
    {
        case [PreflightRun.Command, var model, .. var canaries]:
            PreflightRun.Execute(model, PreflightCanaries.FromArguments(canaries));
            return 0;
        case [MeasureRun.Command]:
            return MeasureRun.Execute();
        case ["check", "--config", var checkedFile]:
            AgentSettings.Load(checkedFile);
            return 0;
        case [HealthCommand.Command]:
            return await HealthCommand.RunAsync(null);
        case [HealthCommand.Command, var socket]:
            return await HealthCommand.RunAsync(socket);
        case [] or ["--config", _] or ["--config", _, EndWithInput]:
            string? file = args is [_, var given, ..] ? given : Environment.GetEnvironmentVariable("EDGEPRUNE_AGENT_CONFIG");
            AgentSettings settings = AgentSettings.Load(file);
            await using (WebApplication app = AgentHost.Build(settings))
            {
                await app.StartAsync();
                await Console.Error.WriteLineAsync($"edgeprune-agent: listening on {(settings.Tls is null ? "http" : "https")}://{settings.Listen}");
                if (args is [.., EndWithInput])
                {
                    new Thread(() => EndWhenInputDoes(app)) { IsBackground = true }.Start();
                }

                await app.WaitForShutdownAsync();
            }

            return 0;
        default:
            await Console.Error.WriteLineAsync("usage: edgeprune-agent [--config FILE [--end-with-stdin]]\n       edgeprune-agent check --config FILE\n       edgeprune-agent health [SOCKET]");
            return 2;
    }
}
catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"edgeprune-agent: {e.Message}");
    return 1;
}

// For agents that another program has started for a while: they must not outlive it.
static void EndWhenInputDoes(WebApplication app)
{
    while (Console.In.Read() >= 0)
    {
    }

    app.Lifetime.StopApplication();
}
