using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Signing;

/// <summary>
/// A public key for ECDSA over P-256 with SHA-256 (FIPS 186-5). It has one encoding and its name follows from that
/// encoding, so no key can be listed twice under two names and be counted as two.
/// </summary>
public sealed class VerificationKey
{
    /// <summary>Bytes of a signature: r and s, 32 bytes each (IEEE P1363).</summary>
    public const int SignatureBytes = 64;

    private const int MaxPemBytes = 4096;
    private const int SubjectPublicKeyInfoBytes = 91;
    private const string P256 = "1.2.840.10045.3.1.7";

    private readonly byte[] _subjectPublicKeyInfo;

    private VerificationKey(byte[] subjectPublicKeyInfo)
    {
        _subjectPublicKeyInfo = subjectPublicKeyInfo;
        Id = Convert.ToHexStringLower(SHA256.HashData(subjectPublicKeyInfo));
    }

    /// <summary>The SHA-256 of the encoded key, 64 lower-case hexadecimal digits.</summary>
    public string Id { get; }

    /// <summary>The key as DER (RFC 5280, SubjectPublicKeyInfo; uncompressed point), 91 bytes.</summary>
    public ReadOnlySpan<byte> SubjectPublicKeyInfo => _subjectPublicKeyInfo;

    /// <summary>Reads a SubjectPublicKeyInfo; false unless it is a P-256 key in the one encoding that is written here.</summary>
    public static bool TryImport(ReadOnlySpan<byte> subjectPublicKeyInfo, [NotNullWhen(true)] out VerificationKey? key)
    {
        key = null;
        if (subjectPublicKeyInfo.Length != SubjectPublicKeyInfoBytes)
        {
            return false;
        }

        try
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(subjectPublicKeyInfo, out _);
            if (ecdsa.ExportParameters(false).Curve.Oid.Value == P256
                && ecdsa.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(subjectPublicKeyInfo))
            {
                key = new VerificationKey(subjectPublicKeyInfo.ToArray());
            }
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            return false; // not a point of any curve, or of a curve that there is not
        }

        return key is not null;
    }

    /// <summary>Reads a key from a PEM file that holds the public key, or the private one that it belongs to.</summary>
    /// <exception cref="InputException">It cannot be read or holds no such key.</exception>
    public static VerificationKey Load(string path)
    {
        string text = System.Text.Encoding.ASCII.GetString(SmallFile.Read(path, MaxPemBytes, "the key"));
        if (!text.Contains("PUBLIC KEY-----", StringComparison.Ordinal))
        {
            using var signing = SigningKey.Load(path);
            return signing.Public;
        }

        using var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(text);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new InputException($"{path} holds no public key in PEM: {e.Message}", e);
        }

        return TryImport(ecdsa.ExportSubjectPublicKeyInfo(), out VerificationKey? key)
            ? key
            : throw new InputException($"{path} is not a key over the curve P-256; 'edgeprune keys key' makes one");
    }

    /// <summary>The key as PEM ("PUBLIC KEY").</summary>
    public string ToPem() => PemEncoding.WriteString("PUBLIC KEY", _subjectPublicKeyInfo) + "\n";

    /// <summary>Whether <paramref name="signature"/> is this key's over <paramref name="data"/>.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureBytes)
        {
            return false;
        }

        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(_subjectPublicKeyInfo, out _);
        return ecdsa.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
