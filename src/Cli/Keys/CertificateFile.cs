using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgePrune.Onnx;

namespace EdgePrune.Cli.Keys;

/// <summary>Reads certificates that somebody names on the command line.</summary>
internal static class CertificateFile
{
    private const int MaxBytes = 64 << 10;

    /// <exception cref="InputException">It is missing or no certificate.</exception>
    public static X509Certificate2 Load(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length > MaxBytes)
        {
            throw new InputException(file.Exists ? $"{path} is too large to be a certificate" : $"there is no certificate {path}");
        }

        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(path);
        }
        catch (CryptographicException e)
        {
            throw new InputException($"{path} is not a certificate: {e.Message}", e);
        }
    }

    public static string NameOf(X509Certificate2 certificate) => Printable.Name(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false));
}
