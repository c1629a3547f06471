using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using EdgePrune.TestSupport;

namespace EdgePrune.Cli.Tests.Browser;

/// <summary>A headless Chromium of this machine with one page open, driven over the DevTools protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly TempFolder profile;
    private readonly ClientWebSocket socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> answers = new();
    private readonly ConcurrentQueue<(string Method, JsonNode Parameters)> events = new();
    private Task receiving = Task.CompletedTask;
    private Task emptying = Task.CompletedTask;
    private string? session;
    private int last;

    private Chromium(Process process, TempFolder profile)
    {
        this.process = process;
        this.profile = profile;
    }

    /// <summary>What the page asked the network for and what it wrote to the console, as far as seen.</summary>
    public IReadOnlyList<string> Complaints =>
    [
        .. events.Select(e => e.Method switch
        {
            "Runtime.exceptionThrown" => "exception: " + e.Parameters["exceptionDetails"]!.ToJsonString(),
            "Runtime.consoleAPICalled" => "console: " + e.Parameters.ToJsonString(),
            "Log.entryAdded" => "log: " + e.Parameters["entry"]!.ToJsonString(),
            "Network.requestWillBeSent" when e.Parameters["request"]!["url"]!.GetValue<string>() is var url
                && !url.StartsWith(Home, StringComparison.Ordinal) && !url.StartsWith("data:", StringComparison.Ordinal) => "request: " + url,
            _ => null,
        }).OfType<string>(),
    ];

    /// <summary>How addresses begin that a page may ask for.</summary>
    public string Home { get; init; } = "file:";

    /// <summary>Number of files that the page asked for, itself included.</summary>
    public int Files => events.Count(e => e.Method == "Network.requestWillBeSent" && e.Parameters["request"]!["url"]!.GetValue<string>().StartsWith("file:", StringComparison.Ordinal));

    /// <summary>Skips the running test, visibly, where no Chromium is found.</summary>
    public static async Task<Chromium> Start(string home = "file:")
    {
        string? program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "no Chromium on this machine (looked for chromium, chromium-browser, google-chrome and chrome on the path)");
        var profile = new TempFolder();
        var start = new ProcessStartInfo(program!)
        {
            RedirectStandardError = true,
            ArgumentList =
            {
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-port=0", $"--user-data-dir={profile.Path}", "about:blank",
            },
        };
        var browser = new Chromium(Process.Start(start)!, profile) { Home = home };
        try
        {
            await browser.Connect();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a file, or an address, and waits until it is loaded.</summary>
    public async Task Open(string path)
    {
        await Send("Page.navigate", new() { ["url"] = new Uri(path).AbsoluteUri });
        var waited = Stopwatch.StartNew();
        while (!(await Evaluate("document.readyState === 'complete' && location.protocol !== 'about:'")).GetValue<bool>())
        {
            Assert.True(waited.Elapsed < Patience, "the page is not drawn");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The value of an expression in the page.</summary>
    public async Task<JsonNode> Evaluate(string expression)
    {
        JsonNode answer = await Send("Runtime.evaluate", new() { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        Assert.True(answer["exceptionDetails"] is null, answer["exceptionDetails"]?.ToJsonString());
        return answer["result"]!["value"] ?? JsonValue.Create("")!;
    }

    public Task Type(string text) => Send("Input.insertText", new() { ["text"] = text });

    public async Task Press(string key, int code)
    {
        foreach (string type in new[] { "keyDown", "keyUp" })
        {
            var parameters = new JsonObject { ["type"] = type, ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = code };
            if (key == "Enter" && type == "keyDown")
            {
                parameters["text"] = "\r";
            }

            await Send("Input.dispatchKeyEvent", parameters);
        }
    }

    /// <summary>Width of the window in pixels, and light or dark.</summary>
    public async Task Look(int width, string scheme)
    {
        await Send("Emulation.setDeviceMetricsOverride", new() { ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = false });
        await Send("Emulation.setEmulatedMedia", new() { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }) });
    }

    /// <summary>A picture of the window, or of the page in its whole length, as PNG.</summary>
    public async Task<byte[]> Picture(bool whole = false) =>
        Convert.FromBase64String((await Send("Page.captureScreenshot", new() { ["format"] = "png", ["captureBeyondViewport"] = whole }))["data"]!.GetValue<string>());

    /// <summary>Waits until an expression in the page is true.</summary>
    public async Task Until(string expression)
    {
        var waited = Stopwatch.StartNew();
        while (!(await Evaluate(expression)).GetValue<bool>())
        {
            Assert.True(waited.Elapsed < Patience, $"still not true: {expression}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }

        await process.WaitForExitAsync(CancellationToken.None);
        await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await emptying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        process.Dispose();
        profile.Dispose();
    }

    private async Task Connect()
    {
        const string announcement = "DevTools listening on ";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        string? line;
        do
        {
            line = await process.StandardError.ReadLineAsync(patience.Token);
            Assert.True(line is not null, "Chromium ended before it listened");
        }
        while (!line.StartsWith(announcement, StringComparison.Ordinal));

        emptying = process.StandardError.ReadToEndAsync(CancellationToken.None); // a full pipe would stop it
        await socket.ConnectAsync(new Uri(line[announcement.Length..]), patience.Token);
        receiving = Receive();
        string target = (await Send("Target.createTarget", new() { ["url"] = "about:blank" }))["targetId"]!.GetValue<string>();
        session = (await Send("Target.attachToTarget", new() { ["targetId"] = target, ["flatten"] = true }))["sessionId"]!.GetValue<string>();
        foreach (string domain in new[] { "Page", "Runtime", "Log", "Network" })
        {
            await Send($"{domain}.enable", []);
        }
    }

    private async Task<JsonNode> Send(string method, JsonObject parameters)
    {
        int id = Interlocked.Increment(ref last);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (session is not null)
        {
            message["sessionId"] = session;
        }

        TaskCompletionSource<JsonNode> answer = answers[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        return await answer.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private async Task Receive()
    {
        byte[] buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        while (socket.State == WebSocketState.Open)
        {
            WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, CancellationToken.None);
            message.Write(buffer, 0, part.Count);
            if (!part.EndOfMessage)
            {
                continue;
            }

            JsonNode node = JsonNode.Parse(message.ToArray())!;
            message.SetLength(0);
            if (node["id"]?.GetValue<int>() is { } id && answers.TryRemove(id, out TaskCompletionSource<JsonNode>? waiting))
            {
                if (node["error"] is { } error)
                {
                    waiting.SetException(new InvalidOperationException(error.ToJsonString()));
                }
                else
                {
                    waiting.SetResult(node["result"]!);
                }
            }
            else if (node["method"]?.GetValue<string>() is { } name)
            {
                events.Enqueue((name, node["params"]!));
            }
        }
    }
}
