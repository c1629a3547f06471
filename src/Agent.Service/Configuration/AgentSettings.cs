using System.Net;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Agent.Service.DialOut;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Agent.Service.Telemetry;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Configuration;

/// <summary>What the service runs with, checked.</summary>
internal sealed record AgentSettings
{
    /// <summary>Environment variables that begin with this override the file: <c>EDGEPRUNE_AGENT_TLS__KEY</c> is <c>tls.key</c>.</summary>
    public const string EnvironmentPrefix = "EDGEPRUNE_AGENT_";

    public required IPEndPoint Listen { get; init; }

    /// <summary>Null: plain HTTP, which only a loopback address gets.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>The folder for models, trust and uploads.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The signed root that the device trusts at first.</summary>
    public required string PinnedRoot { get; init; }

    public required string DeviceClass { get; init; }

    public required string ModelName { get; init; }

    public required long MaxBundleBytes { get; init; }

    /// <summary>How long a client may take for a handshake, for its headers, and for beginning with a body.</summary>
    public required TimeSpan SilenceTime { get; init; }

    public required TimeSpan PreflightTime { get; init; }

    public required long PreflightMemoryBytes { get; init; }

    /// <summary>How deployed models are tried.</summary>
    public required ProbationSettings ProbationRules { get; init; }

    public required InferenceSettings Inference { get; init; }

    /// <summary>Threads of the runtime for one inference; 0: the runtime chooses.</summary>
    public required int Threads { get; init; }

    /// <summary>The board, and what measuring on it may take.</summary>
    public required MeasurementSettings Measurement { get; init; }

    /// <summary>Where metrics are sent to; null: nowhere.</summary>
    public OtlpSettings? Otlp { get; init; }

    /// <summary>The controller to which the agent dials out; null: none.</summary>
    public ControllerAddress? Controller { get; init; }

    /// <summary>Reads a JSON file and the environment. Relative paths are relative to the file's folder.</summary>
    /// <param name="file">The file; null: the environment alone, and paths are relative to the working folder.</param>
    /// <exception cref="InputException">Something is wrong; the message lists everything that is.</exception>
    public static AgentSettings Load(string? file)
    {
        var builder = new ConfigurationBuilder();
        try
        {
            if (file is not null)
            {
                builder.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
            }

            IConfiguration all = builder.AddEnvironmentVariables(EnvironmentPrefix).Build();
            all["config"] = null; // EDGEPRUNE_AGENT_CONFIG names the file itself
            return Read(all, file is null ? null : Path.GetDirectoryName(Path.GetFullPath(file)));
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new InputException($"the configuration {file} cannot be read: {e.InnerException?.Message ?? e.Message}", e);
        }
    }

    /// <summary>Checks a configuration; errors as <see cref="Load"/>.</summary>
    /// <param name="configuration">All settings.</param>
    /// <param name="folder">What relative paths are relative to; null: the working folder.</param>
    public static AgentSettings Read(IConfiguration configuration, string? folder = null)
    {
        var reader = new SettingsReader(configuration, folder ?? Environment.CurrentDirectory);
        IPEndPoint? listen = reader.Address("listen", out bool secure);
        TlsSettings? tls = ReadTls(reader);
        if (listen is not null)
        {
            CheckAuthentication(reader, listen, secure, tls is not null);
        }

        int threads = (int)reader.Number("threads", 1, 0, 256);
        long memory = Math.Max(1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        var settings = new AgentSettings
        {
            Listen = listen ?? new IPEndPoint(IPAddress.Loopback, 0),
            Tls = tls,
            DataFolder = reader.Folder("data"),
            PinnedRoot = reader.ExistingFile("root", required: true) ?? "",
            DeviceClass = reader.Identifier("deviceClass", null),
            ModelName = reader.Identifier("modelName", "default"),
            MaxBundleBytes = reader.Number("limits:bundleBytes", 512L << 20, 1, 8L << 30),
            SilenceTime = TimeSpan.FromSeconds(reader.Number("limits:silenceSeconds", 15, 2, 300)),
            // Half of the memory: what serves now must go on serving beside the child.
            PreflightMemoryBytes = reader.Number("limits:preflightBytes", memory / 2, 1, long.MaxValue),
            PreflightTime = TimeSpan.FromSeconds(reader.Number("limits:preflightSeconds", 60, 1, 3600)),
            ProbationRules = ProbationSettings.Read(reader),
            Measurement = MeasurementSettings.Read(reader, memory),
            Threads = threads,
            Inference = InferenceSettings.Read(reader, threads),
            Otlp = ReadOtlp(reader),
            Controller = ReadController(reader, tls),
        };
        reader.ThrowIfProblems();
        return settings;
    }

    private static void CheckAuthentication(SettingsReader reader, IPEndPoint listen, bool secure, bool hasTls)
    {
        if (!IPAddress.IsLoopback(listen.Address) && !(secure && hasTls))
        {
            reader.Problem($"listen: {listen} is not a loopback address, so it needs https and the settings tls.certificate, tls.key and tls.clientAuthority; nothing here listens on a network without authentication");
        }
        else if (secure != hasTls)
        {
            reader.Problem(secure ? "listen: https needs the settings tls.certificate, tls.key and tls.clientAuthority" : "listen: with tls settings the address begins with https://");
        }
    }

    private static ControllerAddress? ReadController(SettingsReader reader, TlsSettings? tls)
    {
        if (!reader.Has("controller"))
        {
            return null;
        }

        Uri url = reader.Url("controller:url", "https://controller.example:8490");
        if (url.Scheme != "https")
        {
            reader.Problem("controller.url begins with https://; nothing here goes over a network without authentication");
        }

        return new ControllerAddress(
            url,
            reader.ExistingFile("controller:certificate", required: true) ?? "",
            reader.ExistingFile("controller:key", required: true) ?? "",
            reader.ExistingFile("controller:authority", required: true) ?? "",
            reader.ExistingFile("controller:clientAuthority", required: tls is null) ?? tls?.ClientAuthority ?? "",
            reader.ExistingFile("controller:denyList", required: false) ?? tls?.DenyList);
    }

    private static OtlpSettings? ReadOtlp(SettingsReader reader) => !reader.Has("otlp")
        ? null
        : new OtlpSettings(
            reader.Url("otlp:endpoint", "http://127.0.0.1:4318"),
            reader.OptionalText("otlp:headers"),
            TimeSpan.FromSeconds(reader.Number("otlp:intervalSeconds", 60, 1, 86_400)));

    private static TlsSettings? ReadTls(SettingsReader reader)
    {
        if (!reader.Has("tls"))
        {
            return null;
        }

        string? certificate = reader.ExistingFile("tls:certificate", required: true);
        string? key = reader.ExistingFile("tls:key", required: true);
        string? authority = reader.ExistingFile("tls:clientAuthority", required: true);
        return new TlsSettings(certificate ?? "", key ?? "", authority ?? "", reader.ExistingFile("tls:denyList", required: false));
    }
}
