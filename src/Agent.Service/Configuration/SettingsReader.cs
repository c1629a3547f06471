using System.Globalization;
using System.Net;
using EdgePrune.Agent.Signing;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.Configuration;

/// <summary>Reads settings and collects everything that is wrong with them, so that it can be mended at one go.</summary>
internal sealed class SettingsReader(IConfiguration configuration, string folder)
{
    private readonly List<string> problems = [];
    private readonly HashSet<string> known = new(StringComparer.OrdinalIgnoreCase);

    public void Problem(string problem) => problems.Add(problem);

    public bool Has(string section) => configuration.GetSection(section).Exists();

    /// <summary>Reads an address and whether it is https; null where it is none, which is a problem noted already.</summary>
    public IPEndPoint? Address(string key, out bool secure)
    {
        string text = Text(key) ?? "http://127.0.0.1:8480";
        secure = false;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.AbsolutePath == "/" && uri.UserInfo.Length == 0)
        {
            secure = uri.Scheme == "https";
            if (uri.Host == "localhost")
            {
                return new IPEndPoint(IPAddress.Loopback, uri.Port);
            }

            if (IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? address))
            {
                return new IPEndPoint(address, uri.Port);
            }
        }

        Problem($"{Shown(key)}: '{text}' is not http:// or https:// with a numeric address and a port, for example https://0.0.0.0:8480");
        return null;
    }

    public string? ExistingFile(string key, bool required)
    {
        string? path = FullPath(key);
        if (path is null ? required : !File.Exists(path))
        {
            Problem(path is null ? $"{Shown(key)} is missing: give the path of a file" : $"{Shown(key)}: there is no file {path}");
        }

        return path;
    }

    public string Folder(string key)
    {
        string? path = FullPath(key);
        if (path is null || File.Exists(path))
        {
            Problem(path is null ? $"{Shown(key)} is missing: give the path of a folder" : $"{Shown(key)}: {path} is a file, not a folder");
        }

        return path ?? folder;
    }

    public Uri Url(string key, string example)
    {
        string? text = OptionalText(key);
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0)
        {
            return url;
        }

        Problem(text is null ? $"{Shown(key)} is missing" : $"{Shown(key)}: '{text}' is no address such as {example}");
        return new Uri(example);
    }

    public string? OptionalText(string key) => Text(key);

    public string Identifier(string key, string? fallback)
    {
        string? text = Text(key) ?? fallback;
        if (!IdentifierText.IsValid(text))
        {
            Problem(text is null ? $"{Shown(key)} is missing" : $"{Shown(key)}: '{text}' is not 1 to {IdentifierText.MaxLength} of a–z, 0–9, '.', '_', '+', '-'");
        }

        return text ?? "";
    }

    public string Value(string key, string fallback) => Text(key) ?? fallback;

    public long Number(string key, long fallback, long min, long max)
    {
        if (Text(key) is not { } text)
        {
            return fallback;
        }

        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && value >= min && value <= max)
        {
            return value;
        }

        Problem($"{Shown(key)}: '{text}' is not a whole number from {min} to {max}");
        return fallback;
    }

    /// <exception cref="InputException">There are problems, or settings that nothing reads.</exception>
    public void ThrowIfProblems()
    {
        IEnumerable<string> unknown = configuration.AsEnumerable()
            .Where(s => s.Value is not null && !known.Contains(s.Key))
            .Select(s => $"{Shown(s.Key)} is no setting; known are {string.Join(", ", known.Order(StringComparer.Ordinal).Select(Shown))}");
        string[] all = [.. problems, .. unknown];
        if (all.Length > 0)
        {
            throw new InputException($"the configuration has {all.Length} {(all.Length == 1 ? "problem" : "problems")}:\n" + string.Join('\n', all.Select(p => "- " + p)));
        }
    }

    private static string Shown(string key) => key.Replace(':', '.');

    private string? FullPath(string key) => Text(key) is { } text ? Path.GetFullPath(text, folder) : null;

    private string? Text(string key)
    {
        known.Add(key);
        return configuration[key] is { Length: > 0 } text ? text : null;
    }
}
