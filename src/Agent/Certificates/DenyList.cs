using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Certificates;

/// <summary>
/// Certificates that do not count although they have not expired: a text file with a line for each, the fingerprint (SHA-256 or
/// SHA-1) of the certificate, the SHA-256 of its public key (which denies whatever was issued to that key), or a serial number, in
/// hexadecimal; <c>#</c> begins a comment. It is looked at anew whenever it has changed, so adding a
/// line is enough. While it cannot be read nobody is let in.
/// </summary>
public sealed class DenyList
{
    private const int MaxBytes = 1 << 20;
    private const int FingerprintDigits = 64;
    private const int MaxSerialDigits = 40; // RFC 5280, section 4.1.2.2: 20 octets; also the length of a SHA-1 fingerprint

    private readonly Lock _lock = new();
    private readonly string? _path;
    private HashSet<string> _denied = [];
    private (DateTime Written, long Length) _read;

    /// <param name="path">The file; null: nobody is denied.</param>
    /// <exception cref="InputException">It cannot be read.</exception>
    public DenyList(string? path)
    {
        _path = path;
        Refresh();
    }

    /// <summary>Whether a certificate is denied.</summary>
    /// <exception cref="InputException">The list cannot be read.</exception>
    public bool Contains(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        Refresh();
        lock (_lock)
        {
            return _denied.Count > 0
                && (_denied.Contains(certificate.GetCertHashString(HashAlgorithmName.SHA256))
                    || _denied.Contains(certificate.Thumbprint) // SHA-1, which many tools show first
                    || _denied.Contains(certificate.SerialNumber.TrimStart('0'))
                    || _denied.Contains(KeyOf(certificate)));
        }
    }

    /// <summary>The SHA-256 of a certificate's public key (SubjectPublicKeyInfo), in hexadecimal.</summary>
    public static string KeyOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Convert.ToHexString(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    private void Refresh()
    {
        if (_path is null)
        {
            return;
        }

        var file = new FileInfo(_path);
        (DateTime, long) now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        lock (_lock)
        {
            if (now != default && now == _read)
            {
                return;
            }

            _denied = Parse(Encoding.UTF8.GetString(SmallFile.Read(_path, MaxBytes, "the deny list")));
            _read = now;
        }
    }

    private HashSet<string> Parse(string text)
    {
        var denied = new HashSet<string>(StringComparer.Ordinal);
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string entry = line.Split('#')[0].Trim().Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
            if (entry.Length == 0)
            {
                continue;
            }

            if (!entry.All(char.IsAsciiHexDigit))
            {
                throw new InputException($"the deny list {_path}, line {number}: neither a fingerprint nor a serial number in hexadecimal");
            }

            // An entry of any other length can match nothing: somebody believes to have shut a certificate out.
            if (entry.Length is not FingerprintDigits and > MaxSerialDigits)
            {
                throw new InputException($"the deny list {_path}, line {number}: {entry.Length} digits are neither a fingerprint ({FingerprintDigits}) nor a serial number (at most {MaxSerialDigits})");
            }

            denied.Add(entry);
            if (entry.Length <= MaxSerialDigits)
            {
                denied.Add(entry.TrimStart('0')); // tools differ about leading zeros
            }
        }

        return denied;
    }
}
