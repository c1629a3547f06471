using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Signing;

/// <summary>
/// Bytes with signatures over them and over their type (DSSE v1, the envelope of OpenSSF Model Signing and in-toto).
/// What is signed is the very bytes, so nothing needs to be parsed before a signature has been checked; the type is
/// signed with them, so a signature over one kind of document says nothing about another kind.
/// </summary>
public sealed class Envelope
{
    /// <summary>The largest envelope that is read, in bytes of JSON.</summary>
    public const int MaxBytes = 256 << 10;

    private const int MaxSignatures = 16;
    private const int MaxTypeLength = 100;

    private readonly byte[] _payload;

    private Envelope(string payloadType, byte[] payload, IReadOnlyList<EnvelopeSignature> signatures)
    {
        PayloadType = payloadType;
        _payload = payload;
        Signatures = signatures;
    }

    /// <summary>A media type that says what the payload is.</summary>
    public string PayloadType { get; }

    /// <summary>The bytes that are signed. Not to be parsed before the signatures have been checked.</summary>
    public ReadOnlyMemory<byte> Payload => _payload;

    public IReadOnlyList<EnvelopeSignature> Signatures { get; }

    /// <summary>The SHA-256 of the payload, 64 lower-case hexadecimal digits; signatures do not change it.</summary>
    public string PayloadDigest => Convert.ToHexStringLower(SHA256.HashData(_payload));

    /// <summary>Signs a payload.</summary>
    public static Envelope Seal(string payloadType, byte[] payload, IEnumerable<SigningKey> keys)
    {
        ArgumentException.ThrowIfNullOrEmpty(payloadType);
        ArgumentNullException.ThrowIfNull(payload);
        ArgumentNullException.ThrowIfNull(keys);
        byte[] encoding = PreAuthenticationEncoding(payloadType, payload);
        return new Envelope(payloadType, payload, [.. keys.Select(k => new EnvelopeSignature(k.Public.Id, k.Sign(encoding)))]);
    }

    /// <summary>Reads an envelope. Nothing about its signatures is checked yet.</summary>
    /// <param name="json">Its bytes.</param>
    /// <param name="what">What it is, for errors.</param>
    /// <exception cref="InputException">It is too large or no envelope.</exception>
    public static Envelope Parse(ReadOnlySpan<byte> json, string what)
    {
        if (json.Length > MaxBytes)
        {
            throw new InputException($"{what} has {json.Length} bytes; a signed document has at most {MaxBytes}");
        }

        try
        {
            EnvelopeDocument document = JsonSerializer.Deserialize(json, SignedJson.Default.EnvelopeDocument)
                ?? throw new JsonException("null");
            if (document.PayloadType.Length is 0 or > MaxTypeLength || document.Signatures.Count > MaxSignatures || document.Signatures.Any(s => s is null))
            {
                throw new JsonException($"the payload type or the number of signatures (at most {MaxSignatures}) is out of bounds");
            }

            return new Envelope(document.PayloadType, document.Payload, document.Signatures);
        }
        catch (JsonException e)
        {
            throw new InputException($"{what} is not a signed document (a DSSE envelope in JSON): {e.Message}", e);
        }
    }

    /// <summary>Reads an envelope from a file; errors as <see cref="Parse"/>.</summary>
    public static Envelope Load(string path, string what) => Parse(SmallFile.Read(path, MaxBytes, what), what);

    /// <summary>This envelope with more signatures, each key's at most once.</summary>
    public Envelope AddSignatures(IEnumerable<SigningKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        Envelope more = Seal(PayloadType, _payload, keys);
        return new Envelope(PayloadType, _payload, [.. Signatures.ExceptBy(more.Signatures.Select(s => s.KeyId), s => s.KeyId), .. more.Signatures]);
    }

    /// <summary>This envelope with the signatures of another one over the very same bytes, each key's at most once.</summary>
    /// <exception cref="InputException">The other one holds something else.</exception>
    public Envelope Join(Envelope other, string what)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.PayloadType == PayloadType && other._payload.AsSpan().SequenceEqual(_payload)
            ? new Envelope(PayloadType, _payload, [.. Signatures, .. other.Signatures.ExceptBy(Signatures.Select(s => s.KeyId), s => s.KeyId)])
            : throw new InputException($"{what} holds another document, so its signatures do not count here");
    }

    /// <summary>This envelope without the signatures that are said to be of a key.</summary>
    public Envelope WithoutSignature(string keyId) => new(PayloadType, _payload, [.. Signatures.Where(s => s.KeyId != keyId)]);

    /// <summary>The envelope as JSON.</summary>
    public byte[] ToBytes() =>
        JsonSerializer.SerializeToUtf8Bytes(new EnvelopeDocument(PayloadType, _payload, Signatures), SignedJson.Default.EnvelopeDocument);

    /// <summary>Which of <paramref name="keys"/> have really signed, each named once however often it signed.</summary>
    public IReadOnlyList<string> SignersAmong(IEnumerable<VerificationKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        byte[] encoding = PreAuthenticationEncoding(PayloadType, _payload);
        return [.. keys
            .Where(k => Signatures.Any(s => s.KeyId == k.Id && k.Verify(encoding, s.Signature)))
            .Select(k => k.Id)
            .Distinct(StringComparer.Ordinal)];
    }

    // DSSE v1, "PAE": lengths before contents, so that no two pairs of type and payload give the same bytes.
    private static byte[] PreAuthenticationEncoding(string payloadType, byte[] payload)
    {
        string start = string.Create(
            CultureInfo.InvariantCulture,
            $"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} ");
        return [.. Encoding.UTF8.GetBytes(start), .. payload];
    }
}
