using System.Security.Cryptography;
using System.Text;

namespace EdgePrune.Agent.Service.Web;

/// <summary>
/// The page of the agent. It is three files that lie in the program, loads nothing from elsewhere, and knows no more
/// than the API tells its visitor.
/// </summary>
internal static class PageEndpoints
{
    // Only what comes from this very agent may run, look or be asked; nothing is written into the page as markup.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly string[] Styles = ["page.css", "agent.css"];
    private static readonly string[] Scripts = ["core.js", "table.js", "charts.js", "profile.js", "events.js", "power.js", "models.js", "deployments.js", "layers.js", "agent.js"];

    public static void Map(RouteGroupBuilder anyone)
    {
        Map(anyone, "/", "text/html; charset=utf-8", Resource("page.html"));
        Map(anyone, "/ui/agent.css", "text/css; charset=utf-8", string.Concat(Styles.Select(Resource)));
        Map(anyone, "/ui/agent.js", "text/javascript; charset=utf-8", $"(() => {{\n'use strict';\n{string.Concat(Scripts.Select(Resource))}}})();\n");
    }

    private static void Map(RouteGroupBuilder anyone, string path, string type, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var tag = new Microsoft.Net.Http.Headers.EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\"");
        anyone.MapGet(path, (HttpContext context) =>
            {
                IHeaderDictionary headers = context.Response.Headers;
                headers.ContentSecurityPolicy = Policy;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "no-referrer";
                headers["Cross-Origin-Opener-Policy"] = "same-origin";
                headers["Cross-Origin-Resource-Policy"] = "same-origin";
                headers.CacheControl = "no-cache"; // kept, and asked about each time: a new agent's page comes with it
                return Results.Bytes(bytes, type, entityTag: tag);
            })
            .ExcludeFromDescription();
    }

    private static string Resource(string name) => EmbeddedFile.Text("Page." + name);
}
