namespace EdgePrune.Agent.Tests.Faults.FileOperations;

/// <summary>A write, or a cut to a length, that may be on the disk in part.</summary>
internal sealed class DataChange : IPending
{
    private const int Sector = 512;

    private readonly Operation operation;
    private readonly IReadOnlyList<Part> parts;

    public DataChange(Operation operation)
    {
        this.operation = operation;
        parts = operation.Kind == 'W' ? [.. Parts(operation.Offset, operation.Offset + operation.Data.Length)] : [];
    }

    public int Fates => 2 + parts.Count;

    /// <summary>The file's bytes after it.</summary>
    public byte[] Apply(byte[] bytes, int fate)
    {
        if (fate == 0)
        {
            return bytes;
        }

        if (operation.Kind == 'T')
        {
            return Resize(bytes, operation.Offset, 0);
        }

        long end = operation.Offset + operation.Data.Length;
        Part part = fate == 1 ? new Part(operation.Offset, end, end, 0) : parts[fate - 2];
        byte[] result = Resize(bytes, Math.Max(bytes.Length, part.Length), part.Fill);
        operation.Data.AsSpan((int)(part.From - operation.Offset), (int)(part.To - part.From)).CopyTo(result.AsSpan((int)part.From));
        return result;
    }

    public string Describe(int fate) => fate switch
    {
        0 => $"lost: {operation}",
        1 => $"kept: {operation}",
        _ => $"torn: {operation}: {parts[fate - 2]}",
    };

    private static IEnumerable<Part> Parts(long from, long to)
    {
        // The length is there and the bytes are not: zeros, or whatever the blocks held before.
        yield return new Part(from, from, to, 0);
        yield return new Part(from, from, to, '\n');
        for (long at = ((from / Sector) + 1) * Sector; at < to; at += Sector)
        {
            yield return new Part(from, at, at, 0);
            yield return new Part(from, at, to, 0);
            yield return new Part(from, at, to, '\n');
            yield return new Part(at, to, to, 0);
            yield return new Part(at, to, to, '\n');
        }
    }

    private static byte[] Resize(byte[] bytes, long length, int fill)
    {
        byte[] result = new byte[length];
        if (length > bytes.Length)
        {
            // Old blocks: something that looks like lines of text now and then.
            for (int i = bytes.Length; i < length && fill != 0; i++)
            {
                result[i] = (byte)(i % 37 == 0 ? fill : '#' + (i % 80));
            }
        }

        bytes.AsSpan(0, (int)Math.Min(bytes.Length, length)).CopyTo(result);
        return result;
    }

    /// <param name="From">The first byte that is on the disk.</param>
    /// <param name="To">The first that is not again.</param>
    /// <param name="Length">The file's, as far as this write makes it longer.</param>
    /// <param name="Fill">0: what is missing reads as zeros; else as old blocks with such a byte among theirs.</param>
    private sealed record Part(long From, long To, long Length, int Fill);
}
