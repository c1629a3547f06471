using System.Diagnostics;
using System.Text.Json;
using EdgePrune.TestSupport;

namespace EdgePrune.EndToEnd.Tests;

/// <summary>The real command line in a process of its own, with data folders of its own.</summary>
internal sealed record CliProcess(int Code, string Out, string Error)
{
    /// <summary>The one JSON document that standard output holds.</summary>
    public JsonElement Document => JsonDocument.Parse(Out).RootElement;

    /// <summary>Costs of the sample's layers, for tests that are about something else: measured once, by whichever comes first.</summary>
    public static string Costs { get; } = CostsOfThisRun();

    public static string Sample(string name) => Path.Combine(Repository.Root, "samples", "digits", name);

    public static Task<CliProcess> Run(TempFolder home, params string[] args) => RunUnder(home, [], args);

    /// <param name="home">Working folder; its data folder is below it.</param>
    /// <param name="environment">Variables on top of those of every run.</param>
    /// <param name="args">The command line.</param>
    public static async Task<CliProcess> RunUnder(TempFolder home, Dictionary<string, string> environment, params string[] args)
    {
        using Process process = StartUnder(home, environment, args);
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new CliProcess(process.ExitCode, await output, await error);
    }

    /// <summary>Starts a command line; the caller reads its pipes or kills it.</summary>
    public static Process Start(TempFolder home, params string[] args) => StartUnder(home, [], args);

    private static string CostsOfThisRun()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("edgeprune-costs");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return Path.Combine(folder.FullName, "costs.sqlite");
    }

    private static Process StartUnder(TempFolder home, Dictionary<string, string> environment, string[] args)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home.Path,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "edgeprune.dll"));
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        start.Environment["XDG_DATA_HOME"] = home.File("data");
        start.Environment["NO_COLOR"] = "1";
        start.Environment.Remove("EDGEPRUNE_STORE");
        start.Environment.Remove("EDGEPRUNE_DEBUG");
        // With any of these ONNX Runtime would keep quiet by itself.
        start.Environment.Remove("CI");
        start.Environment.Remove("ORT_DISABLE_TELEMETRY");
        start.Environment.Remove("ORT_RUNNING_UNIT_TESTS");
        foreach ((string variable, string value) in environment)
        {
            start.Environment[variable] = value;
        }

        return Process.Start(start)!;
    }
}
