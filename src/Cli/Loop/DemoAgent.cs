using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using EdgePrune.Agent.Client;
using EdgePrune.Cli.Keys;
using EdgePrune.Onnx;

namespace EdgePrune.Cli.Loop;

/// <summary>
/// A real agent in a process of its own, on a loopback port of this machine, with keys and certificates made for it. It ends with
/// this object, and with this process however that ends: the agent stops when its standard input is closed.
/// </summary>
internal sealed class DemoAgent : IDisposable
{
    private const int Attempts = 3;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(15);
    private readonly Process process;
    private readonly StreamWriter log;
    private bool isStopped;

    private DemoAgent(Process process, StreamWriter log, string address, string keys)
    {
        this.process = process;
        this.log = log;
        Address = address;
        Keys = keys;
    }

    public string Address { get; }

    /// <summary>Folder of its keys.</summary>
    public string Keys { get; }

    /// <summary>Makes keys and starts it; returns when it answers.</summary>
    /// <param name="folder">Where keys, configuration, data and log go.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="InputException">It does not start; the message says what it said.</exception>
    public static DemoAgent Start(string folder, CancellationToken cancel)
    {
        string keys = Path.Combine(folder, "keys");
        new KeyFolder(keys, TimeProvider.System).CreateAll(["localhost", "127.0.0.1"], TimeSpan.FromDays(1));
        for (int attempt = 1; ; attempt++)
        {
            int port = FreePort();
            string address = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{port}");
            string config = Path.Combine(folder, "agent.json");
            File.WriteAllText(config, JsonSerializer.Serialize(new
            {
                listen = address,
                data = Path.Combine(folder, "agent"),
                root = Path.Combine(keys, KeyFolder.RootFile),
                deviceClass = "host",
                device = "host",
                tls = new
                {
                    certificate = Path.Combine(keys, "server.pem"),
                    key = Path.Combine(keys, "server.key"),
                    clientAuthority = Path.Combine(keys, KeyFolder.AuthorityFile),
                },
            }));
            DemoAgent agent = Launch(config, Path.Combine(folder, "agent.log"), address, keys);
            bool answers = false;
            try
            {
                agent.WaitUntilItAnswers(cancel);
                answers = true;
                return agent;
            }
            catch (InputException) when (attempt < Attempts && agent.process.HasExited)
            {
                // Another program may have taken the port meanwhile.
            }
            finally
            {
                if (!answers)
                {
                    agent.Dispose();
                }
            }
        }
    }

    public void Dispose()
    {
        if (isStopped)
        {
            return;
        }

        isStopped = true;
        try
        {
            process.StandardInput.Close();
            if (!process.WaitForExit(StopLimit))
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit(StopLimit);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or IOException)
        {
            // It has ended by itself.
        }

        process.Dispose();
        lock (log)
        {
            log.Dispose();
        }
    }

    private static DemoAgent Launch(string config, string logPath, string address, string keys)
    {
        (string program, string[] arguments) = AgentProgram.Find();
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (IEnumerable<string>)[.. arguments, "--config", config, "--end-with-stdin"])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (string variable in start.Environment.Keys.Where(k => k.StartsWith("EDGEPRUNE_AGENT_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(variable);
        }

        var log = new StreamWriter(logPath) { AutoFlush = true };
        try
        {
            Process process = Process.Start(start)!;
            void Keep(string? line)
            {
                lock (log)
                {
                    if (line is not null && log.BaseStream is { CanWrite: true })
                    {
                        log.WriteLine(line);
                    }
                }
            }

            process.OutputDataReceived += (_, e) => Keep(e.Data);
            process.ErrorDataReceived += (_, e) => Keep(e.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return new DemoAgent(process, log, address, keys);
        }
        catch (Win32Exception e)
        {
            log.Dispose();
            throw new InputException($"cannot start the agent's program {program}: {e.Message}", e);
        }
    }

    private void WaitUntilItAnswers(CancellationToken cancel)
    {
        using var client = AgentClient.Open(Address, Keys);
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            if (process.HasExited)
            {
                throw new InputException($"the agent has ended with exit code {process.ExitCode} before it answered{Said()}");
            }

            try
            {
                client.GetModelAsync(cancel).GetAwaiter().GetResult();
                return;
            }
            catch (AgentException e) when (e.Failure == AgentFailure.Unreachable)
            {
                if (Stopwatch.GetElapsedTime(begin) > StartLimit)
                {
                    throw new InputException($"the agent does not answer within {StartLimit.TotalSeconds:0} s{Said()}", e);
                }
            }
        }
    }

    private string Said()
    {
        string path = ((FileStream)log.BaseStream).Name;
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        string text = file.ReadToEnd().Trim();
        return text.Length == 0 ? $"; it said nothing, see {path}" : $"; it said: {Printable.Text(text.Length > 800 ? text[..800] + "…" : text, keepLines: true)}";
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
