using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Cli.Html;

/// <summary>
/// One self-contained page: style and scripts are in it, its content security policy allows these and nothing else, and what it
/// shows is one JSON document that its scripts read. The same document gives the same bytes.
/// </summary>
internal static partial class HtmlPage
{
    private static readonly string[] Scripts = ["core.js", "table.js", "charts.js", "costs.js", "profile.js", "compare.js", "graph.js", "graphPanel.js", "graphView.js", "training.js", "loop.js", "prune.js", "search.js", "main.js"];

    // Every letter that means something to HTML leaves as an escape, so that no name can end the element that holds it.
    private static readonly JsonSerializerOptions Data = new(Json.Options) { Encoder = JavaScriptEncoder.Default, WriteIndented = false };

    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(string path, ReportPage page) => AtomicFile.WriteText(path, Render(page));

    public static string Render(ReportPage page)
    {
        string style = Resource("page.css");
        string script = $"(() => {{\n'use strict';\n{string.Concat(Scripts.Select(Resource))}}})();\n";
        var parts = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["title"] = WebUtility.HtmlEncode(Printable.Name(page.Title).ReplaceLineEndings("?")),
            ["style"] = style,
            ["style-hash"] = Hash(style),
            ["script"] = script,
            ["script-hash"] = Hash(script),
            ["data"] = JsonSerializer.Serialize(page, Data),
        };
        // In one pass: what is put in is not looked at again, whatever it holds.
        return Placeholder().Replace(Resource("page.html"), m => parts[m.Groups[1].Value]);
    }

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Html." + name)
            ?? throw new InvalidOperationException($"the resource {name} is not in the program");
        using var reader = new StreamReader(stream);
        // A browser hashes what it parses, in which every line ends in a line feed.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"\{\{([a-z-]+)\}\}")]
    private static partial Regex Placeholder();
}
