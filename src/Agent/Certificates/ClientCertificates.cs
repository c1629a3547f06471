using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Certificates;

/// <summary>Decides which client certificates count.</summary>
/// <param name="authority">Who must have issued them.</param>
/// <param name="denyList">Those that do not count all the same.</param>
/// <param name="time">The clock.</param>
/// <param name="report">Told what is wrong with the deny list when it cannot be read; clients are not.</param>
public sealed class ClientCertificates(X509Certificate2 authority, DenyList denyList, TimeProvider time, Action<string>? report = null)
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private string? _reported;

    /// <summary>Whether a certificate was issued by the authority, for clients, is in its time, and is not denied.</summary>
    /// <param name="certificate">What the client has proved to own.</param>
    /// <param name="reason">Why not.</param>
    public bool IsValid(X509Certificate2 certificate, out string reason)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck; // there is the deny list, which needs no network
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        if (!chain.Build(certificate))
        {
            reason = string.Join(", ", chain.ChainStatus.Select(s => s.Status.ToString()).Distinct());
            return false;
        }

        // A chain also accepts one that says nothing about its usage, such as the authority's own.
        if (!certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(u => u.EnhancedKeyUsages.OfType<Oid>().Any(o => o.Value == ClientAuthentication)))
        {
            reason = "the certificate is not one for clients";
            return false;
        }

        return IsStillValid(certificate, out reason);
    }

    /// <summary>What can change while a connection is open: the time and the deny list.</summary>
    /// <param name="certificate">One that was valid when the connection was made.</param>
    /// <param name="reason">Why it is no more.</param>
    public bool IsStillValid(X509Certificate2 certificate, out string reason)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        try
        {
            reason = time.GetUtcNow() >= certificate.NotAfter ? "the certificate has expired"
                : denyList.Contains(certificate) ? "the certificate is on the deny list"
                : "";
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            // What is wrong with the file, and where it is, is no business of somebody who may be on it.
            reason = "the deny list cannot be read, and nobody is let in until it can";
            if (Interlocked.Exchange(ref _reported, e.Message) != e.Message)
            {
                report?.Invoke(e.Message);
            }
        }

        return reason.Length == 0;
    }
}
