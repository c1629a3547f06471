using EdgePrune.Onnx;

namespace EdgePrune.Agent.Store;

/// <summary>Reads files that are small by nature, and nothing that is larger, endless or no file.</summary>
internal static class SmallFile
{
    /// <param name="path">A plain file; links are followed.</param>
    /// <param name="maxBytes">The most that such a file can need.</param>
    /// <param name="what">What it holds, for errors.</param>
    /// <exception cref="InputException">It is missing, unreadable or larger.</exception>
    public static byte[] Read(string path, int maxBytes, string what) =>
        TryRead(path, maxBytes, what, out byte[] bytes)
            ? bytes
            : throw new InputException($"{what} is missing: there is no file {path}");

    /// <summary>As <see cref="Read"/>; false where there is no such file.</summary>
    /// <exception cref="InputException">It is unreadable or larger.</exception>
    public static bool TryRead(string path, int maxBytes, string what, out byte[] bytes)
    {
        bytes = [];
        try
        {
            using FileStream stream = RegularFile.OpenRead(path, followLinks: true);
            // Room for what the file says that it has and a byte more; it may say nothing, or grow meanwhile.
            byte[] buffer = new byte[Math.Min(stream.Length, maxBytes) + 1];
            int length = 0;
            for (int read; (read = stream.Read(buffer, length, buffer.Length - length)) > 0;)
            {
                length += read;
                if (length > maxBytes)
                {
                    throw new InputException($"{what}, {path}, has more than {maxBytes} bytes, which no such file needs; give the right file");
                }

                if (length == buffer.Length)
                {
                    Array.Resize(ref buffer, (int)Math.Min(2L * length, maxBytes + 1L));
                }
            }

            bytes = buffer[..length];
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{what} cannot be read: {e.Message}", e);
        }
    }
}
