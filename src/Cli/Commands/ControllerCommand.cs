using System.CommandLine;
using System.Net;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Controller;
using EdgePrune.Onnx;
using Microsoft.AspNetCore.Builder;
using Spectre.Console;

namespace EdgePrune.Cli.Commands;

/// <summary>Runs a controller until it is interrupted.</summary>
internal sealed class ControllerCommand : ReportingCommand
{
    private readonly Argument<string> data = new("data") { Description = "The folder for devices, wishes, results and bundles; made where it is missing." };
    private readonly Option<string> keys = new("--keys") { Description = "The folder with controller.pem, controller.key and ca.pem.", HelpName = "folder", Required = true };
    private readonly Option<string> listen = new("--listen") { Description = "Where agents and clients reach it.", HelpName = "address:port", DefaultValueFactory = _ => "127.0.0.1:8490" };
    private readonly Option<string?> denyList = new("--deny-list") { Description = "Certificates that do not count.", HelpName = "file" };

    public ControllerCommand()
        : base("controller", "Run a controller: agents dial in, are told what to run, and are reached through it.", "edgeprune controller fleet --keys site-keys --listen 0.0.0.0:8490")
    {
        Add(data);
        Add(keys);
        Add(listen);
        Add(denyList);
    }

    public override Outcome Execute(ParseResult parsed, Reporter reporter, CancellationToken cancellationToken)
    {
        if (!IPEndPoint.TryParse(parsed.GetValue(listen)!, out IPEndPoint? address))
        {
            throw CommandFailure.Usage("--listen is a numeric address with a port, for example 0.0.0.0:8490 or [::]:8490");
        }

        string folder = Path.GetFullPath(parsed.GetValue(keys)!);
        var settings = new ControllerSettings
        {
            Listen = address,
            Certificate = Existing(folder, "controller.pem"),
            Key = Existing(folder, "controller.key"),
            ClientAuthority = Existing(folder, "ca.pem"),
            DenyList = parsed.GetValue(denyList),
            DataFolder = Path.GetFullPath(parsed.GetValue(data)!),
        };
        string url = RunAsync(settings, reporter, cancellationToken).GetAwaiter().GetResult();
        return new Outcome(new ControllerDocument(url, settings.DataFolder), console => console.Write(new Text("the controller has stopped\n")));
    }

    private static async Task<string> RunAsync(ControllerSettings settings, Reporter reporter, CancellationToken cancellationToken)
    {
        WebApplication app = ControllerHost.Build(settings);
        await using (app.ConfigureAwait(false))
        {
            await app.StartAsync(CancellationToken.None).ConfigureAwait(false);
            string url = app.Urls.Single();
            reporter.Note($"listening on {url}");
            await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
            return url;
        }
    }

    private static string Existing(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? path : throw new InputException($"there is no {path}; 'edgeprune keys {folder} --controller HOST' makes it");
    }
}
