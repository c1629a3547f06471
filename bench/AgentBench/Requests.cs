using System.Net.Http.Headers;
using EdgePrune.Agent.Tensors;

namespace EdgePrune.Bench.Agent;

/// <summary>Sends requests for inference.</summary>
internal static class Requests
{
    public static async Task<HttpResponseMessage> PostAsync(HttpClient client, byte[] body, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/infer") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        return await client.SendAsync(request);
    }

    /// <summary>An answer's first output and the model that gave it.</summary>
    public static async Task<(string Model, float[] Values)> ReadAsync(HttpResponseMessage response)
    {
        byte[] bytes = await response.Content.ReadAsByteArrayAsync();
        using Onnx.Sessions.NamedValues outputs = Npz.Read(new MemoryStream(bytes), 1 << 28, "the answer");
        return (response.Headers.GetValues("EdgePrune-Model").Single(), outputs.Values.First().GetTensorDataAsSpan<float>().ToArray());
    }
}
