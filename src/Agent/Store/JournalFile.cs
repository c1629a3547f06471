using System.Text.Json;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Store;

/// <summary>Reads the journal's text: one JSON document a line.</summary>
internal static class JournalFile
{
    public const string Name = "journal.jsonl";

    /// <summary>Lines that were set aside last.</summary>
    public const string OldName = "journal.old.jsonl";

    /// <summary>Far above what <see cref="ModelStoreOptions.JournalLines"/> lets grow; a larger file is not one that this program wrote.</summary>
    private const long MaxBytes = 256L << 20;

    /// <param name="path">The journal; it need not exist.</param>
    /// <param name="length">How many bytes from the start hold whole lines; what follows is one torn by a crash.</param>
    /// <exception cref="InputException">A line before the last is damaged.</exception>
    public static List<JournalEntry> Read(string path, out long length)
    {
        length = 0;
        var entries = new List<JournalEntry>();
        byte[] bytes;
        try
        {
            bytes = ReadBytes(path);
        }
        catch (FileNotFoundException)
        {
            return entries;
        }

        int start = 0;
        long number = 0; // of the last line read
        while (start < bytes.Length)
        {
            int line = bytes.AsSpan(start).IndexOf((byte)'\n');
            if (line < 0)
            {
                break; // torn: its newline never reached the disk
            }

            int next = start + line + 1;
            if (!TryParse(bytes.AsSpan(start, line), number, out JournalEntry? entry, out string error))
            {
                // A power cut can leave the last line's blocks allocated and filled with anything, also with what looks like
                // several lines. Where lines of ours follow it is damage.
                if (!AnyFollows(bytes.AsSpan(next), number))
                {
                    break;
                }

                throw new InputException(
                    $"the journal {path} is damaged at line {entries.Count + 1} ({error}); the models are not affected: "
                    + "move that file away, the store then goes on from the model that is current");
            }

            entries.Add(entry);
            number = entry.Sequence;
            start = next;
        }

        length = start;
        return entries;
    }

    /// <summary>The entry as a line, newline included.</summary>
    public static byte[] ToLine(JournalEntry entry) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry), (byte)'\n'];

    private static byte[] ReadBytes(string path)
    {
        using FileStream stream = RegularFile.OpenRead(path, followLinks: false);
        if (stream.Length > MaxBytes)
        {
            throw new InputException($"the journal {path} has {stream.Length} bytes, more than {MaxBytes}; move that file away");
        }

        // Another process may be appending: what is there now is all that is asked for.
        byte[] bytes = new byte[stream.Length];
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return bytes[..read];
    }

    // Each line is flushed before the next one is begun, so of lines that follow a torn one none can be whole.
    private static bool AnyFollows(ReadOnlySpan<byte> rest, long number)
    {
        foreach (Range line in rest.Split((byte)'\n'))
        {
            try
            {
                if (JsonSerializer.Deserialize(rest[line], JournalJson.Default.JournalEntry)?.Sequence > number)
                {
                    return true;
                }
            }
            catch (JsonException)
            {
                continue;
            }
        }

        return false;
    }

    private static bool TryParse(
        ReadOnlySpan<byte> line,
        long before,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out JournalEntry? entry,
        out string error)
    {
        entry = null;
        try
        {
            entry = JsonSerializer.Deserialize(line, JournalJson.Default.JournalEntry);
        }
        catch (JsonException e)
        {
            error = e.Message;
            return false;
        }

        error = entry is null ? "null" : entry.Sequence <= before ? $"number {entry.Sequence} after {before}" : "";
        if (error.Length > 0)
        {
            entry = null;
        }

        return entry is not null;
    }
}
