using System.Security.Cryptography.X509Certificates;
using EdgePrune.Agent.Fleet;
using EdgePrune.Controller.Links;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace EdgePrune.Controller.Api;

/// <summary>
/// Turns a request to <c>/devices/NAME/…</c> into one to the agent. It says for whom it asks: the agent decides by that
/// client's certificate, with its own authority and its own deny list, as if the client had come itself.
/// </summary>
internal sealed class RelayTransformer(string device, string path) : HttpTransformer
{
    private static readonly string[] OurOwn = [FleetApi.ClientCertificateHeader, "Client-Cert-Chain", FleetApi.TokenHeader];

    public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
        foreach (string header in OurOwn)
        {
            proxyRequest.Headers.Remove(header);
        }

        X509Certificate2 certificate = httpContext.Connection.ClientCertificate!;
        proxyRequest.Headers.TryAddWithoutValidation(FleetApi.ClientCertificateHeader, $":{Convert.ToBase64String(certificate.RawDataMemory.Span)}:");
        proxyRequest.Headers.Host = httpContext.Request.Host.Value;
        proxyRequest.RequestUri = RequestUtilities.MakeDestinationAddress(DeviceLink.Origin, new PathString("/" + path), httpContext.Request.QueryString);
    }

    public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        bool body = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken).ConfigureAwait(false);
        if (httpContext.Response.Headers.Location.ToString() is ['/', ..] location)
        {
            httpContext.Response.Headers.Location = $"/devices/{device}{location}";
        }

        return body;
    }
}
