using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EdgePrune.Training.Data;

/// <summary>What tells a dataset from another: shapes, preprocessing, order, labels and samples.</summary>
internal static class DatasetDigest
{
    private const int SampledRows = 256;

    /// <summary>
    /// SHA-256 in hexadecimal. Samples in memory count all; of an array that stays in its files evenly spread ones, since reading
    /// data larger than memory only to tell them apart would take longer than the mistake costs.
    /// </summary>
    public static string Of(Dataset data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, data.Count);
        for (int at = 0; at < data.Count; at++)
        {
            Add(hash, data.Row(at));
            Add(hash, data.Labels?[at] ?? -1);
        }

        foreach (DatasetColumn column in data.Columns)
        {
            Preprocessing preprocessing = column.Preprocessing;
            hash.AppendData(Encoding.UTF8.GetBytes($"{column.Array.Name} {column.Array} {column.IsNamedInput} {string.Join(',', preprocessing.Shape)}"));
            Array.ForEach(preprocessing.Source ?? [], value => Add(hash, value));
            Array.ForEach(preprocessing.Factor ?? [], value => Add(hash, BitConverter.DoubleToInt64Bits(value)));
            Array.ForEach(preprocessing.Offset ?? [], value => Add(hash, BitConverter.DoubleToInt64Bits(value)));
            AddSamples(hash, data, column.Array);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AddSamples(IncrementalHash hash, Dataset data, DataArray array)
    {
        int count = array is ResidentArray ? data.Count : Math.Min(data.Count, SampledRows);
        byte[] buffer = new byte[array.RowBytes];
        for (int i = 0; i < count; i++)
        {
            hash.AppendData(array.Row(data.Row((int)((long)i * data.Count / count)), buffer));
        }
    }

    private static void Add(IncrementalHash hash, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        hash.AppendData(bytes);
    }
}
