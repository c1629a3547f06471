using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace EdgePrune.Agent.Store;

/// <summary>The SHA-256 (FIPS 180-4) of a model file's bytes: its name in the store.</summary>
public sealed record ModelDigest
{
    private const string Prefix = "sha256:";
    private const int HexLength = 64;

    // Lower case only: one digest has one file name, also where file names ignore case.
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private ModelDigest(string hex) => Hex = hex;

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public string Hex { get; }

    /// <param name="hash">The 32 bytes of a SHA-256.</param>
    public static ModelDigest FromHash(ReadOnlySpan<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(hash.Length, HexLength / 2, nameof(hash));
        return new ModelDigest(Convert.ToHexStringLower(hash));
    }

    /// <summary>Reads <c>sha256:</c> and 64 lower-case hexadecimal digits, or the digits alone.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out ModelDigest? digest)
    {
        digest = null;
        if (text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            text = text[Prefix.Length..];
        }

        if (text.Length != HexLength || text.ContainsAnyExcept(HexDigits))
        {
            return false;
        }

        digest = new ModelDigest(text.ToString());
        return true;
    }

    /// <returns><c>sha256:</c> and the digits.</returns>
    public override string ToString() => Prefix + Hex;
}
