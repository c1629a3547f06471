using System.Text;

namespace EdgePrune.Profiler.Sensors.Perf;

/// <summary>Reads files of /proc and /sys: no more than a page, whatever they hold, and nothing where they cannot be read.</summary>
internal static class SmallFile
{
    private const int MostBytes = 4096;

    /// <summary>The trimmed text, or null.</summary>
    public static string? Text(string path)
    {
        try
        {
            if (!File.Exists(path) || (File.GetAttributes(path) & FileAttributes.Device) != 0)
            {
                return null;
            }

            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            byte[] bytes = new byte[MostBytes];
            int read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(bytes, 0, read).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return null;
        }
    }

    public static IReadOnlyList<string> Lines(string path) => Text(path)?.Split('\n') ?? [];
}
