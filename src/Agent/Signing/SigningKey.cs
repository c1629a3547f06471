using System.Security.Cryptography;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Signing;

/// <summary>A private key for ECDSA over P-256 with SHA-256, kept as PKCS #8 in PEM.</summary>
public sealed class SigningKey : IDisposable
{
    private const int MaxPemBytes = 4096;

    private readonly ECDsa _ecdsa;

    private SigningKey(ECDsa ecdsa, VerificationKey verification)
    {
        _ecdsa = ecdsa;
        Public = verification;
    }

    /// <summary>What verifies this key's signatures.</summary>
    public VerificationKey Public { get; }

    /// <summary>Makes a new key.</summary>
    public static SigningKey Create() => Of(ECDsa.Create(ECCurve.NamedCurves.nistP256), "a new key");

    /// <summary>Reads a key from a PEM file ("PRIVATE KEY" or "EC PRIVATE KEY").</summary>
    /// <exception cref="InputException">It cannot be read or holds no such key.</exception>
    public static SigningKey Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes = SmallFile.Read(path, MaxPemBytes, "the signing key");
        ECDsa ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(System.Text.Encoding.ASCII.GetString(bytes));
            return Of(ecdsa, path);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            ecdsa.Dispose();
            throw new InputException($"{path} holds no private key in PEM that can be used ({e.Message}); 'edgeprune keys' makes one", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The private key as PKCS #8 in PEM.</summary>
    public string ToPem() => _ecdsa.ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>Signs <paramref name="data"/>: 64 bytes.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) =>
        _ecdsa.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    public void Dispose() => _ecdsa.Dispose();

    private static SigningKey Of(ECDsa ecdsa, string source)
    {
        if (VerificationKey.TryImport(ecdsa.ExportSubjectPublicKeyInfo(), out VerificationKey? verification))
        {
            return new SigningKey(ecdsa, verification);
        }

        ecdsa.Dispose();
        throw new InputException($"{source} is not a key over the curve P-256; 'edgeprune keys' makes one");
    }
}
