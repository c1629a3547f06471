using EdgePrune.Agent.Service.Web;

namespace EdgePrune.Agent.Service.Api;

/// <summary>
/// The description of this API. It lies in the program: what would make it anew in each running agent takes memory for good, and
/// a test makes it from the endpoints and compares.
/// </summary>
internal static class OpenApiEndpoint
{
    public const string Path = "/openapi/v1.json";
    private const string Resource = "openapi.json";

    public static void Map(RouteGroupBuilder anyone) => anyone
        .MapGet(Path, () => Results.Text(EmbeddedFile.Text(Resource), "application/json;charset=utf-8"))
        .ExcludeFromDescription();
}
