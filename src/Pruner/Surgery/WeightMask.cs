using System.Security.Cryptography;
using EdgePrune.Onnx;

namespace EdgePrune.Pruner.Surgery;

/// <summary>Single weights of one tensor that become zero; its shape stays.</summary>
/// <param name="Tensor">The tensor of parameters.</param>
/// <param name="Dims">Its dimensions in the original.</param>
/// <param name="Zeros">One bit for each weight in row-major order, the lowest bit of a byte first, one where it becomes zero; in base64.</param>
/// <param name="Digest">SHA-256 of these bytes.</param>
public sealed record WeightMask(string Tensor, IReadOnlyList<long> Dims, string Zeros, string Digest)
{
    /// <summary>The mask of a tensor.</summary>
    /// <param name="tensor">Its name.</param>
    /// <param name="dims">Its dimensions.</param>
    /// <param name="isZero">True for each weight, in row-major order, that becomes zero.</param>
    public static WeightMask Of(string tensor, IReadOnlyList<long> dims, ReadOnlySpan<bool> isZero)
    {
        ArgumentNullException.ThrowIfNull(dims);
        if (dims.Aggregate(1L, (product, d) => checked(product * d)) != isZero.Length)
        {
            throw new ArgumentException($"{isZero.Length} entries for a tensor of [{string.Join(", ", dims)}]", nameof(isZero));
        }

        byte[] bits = new byte[(isZero.Length + 7) / 8];
        for (int i = 0; i < isZero.Length; i++)
        {
            bits[i / 8] |= (byte)(isZero[i] ? 1 << (i % 8) : 0);
        }

        return new WeightMask(tensor, dims, Convert.ToBase64String(bits), DigestOf(bits));
    }

    /// <summary>True for each weight that becomes zero, in row-major order.</summary>
    /// <param name="count">How many weights the tensor has.</param>
    /// <exception cref="InputException">The bits are damaged, or do not fit the tensor.</exception>
    public bool[] Read(long count)
    {
        long length = (count + 7) / 8;
        // Base64 has four characters for three bytes: what has another length is not even decoded.
        byte[] bits = Zeros.Length == (length + 2) / 3 * 4 ? new byte[length] : [];
        if (bits.Length != length || !Convert.TryFromBase64String(Zeros, bits, out int written) || written != length)
        {
            throw new InputException($"the plan's mask of '{Printable.Name(Tensor)}' does not hold one bit for each of its {count} weights");
        }

        if (DigestOf(bits) != Digest)
        {
            throw new InputException($"the plan's mask of '{Printable.Name(Tensor)}' is damaged: its digest differs");
        }

        bool[] zero = new bool[count];
        for (int i = 0; i < zero.Length; i++)
        {
            zero[i] = (bits[i / 8] >> (i % 8) & 1) != 0;
        }

        return zero;
    }

    private static string DigestOf(byte[] bits) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bits));
}
