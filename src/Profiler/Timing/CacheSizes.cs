using System.Globalization;
using EdgePrune.Profiler.Layers;

namespace EdgePrune.Profiler.Timing;

/// <summary>Sizes of the first core's own caches in bytes; 0 where the system does not tell.</summary>
internal readonly record struct CacheSizes(long Nearest, long Private)
{
    private const string Folder = "/sys/devices/system/cpu/cpu0/cache";

    // Part of a cache that one network can count on: the runtime, the stack and the inputs use it too.
    private const double Usable = 0.75;

    public static CacheSizes Read() => Read(Folder);

    /// <summary>Reads from the indexes below <paramref name="folder"/>; for tests.</summary>
    internal static CacheSizes Read(string folder)
    {
        long nearest = 0;
        long own = 0;
        try
        {
            foreach (string index in Directory.Exists(folder) ? Directory.GetDirectories(folder, "index*") : [])
            {
                string level = Text(index, "level");
                if (Text(index, "type") is "Instruction" || level is not ("1" or "2"))
                {
                    continue;
                }

                long bytes = Bytes(Text(index, "size"));
                nearest = level == "1" ? bytes : nearest;
                own = level == "2" ? bytes : own;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }

        return new CacheSizes(nearest, own);
    }

    /// <summary>
    /// Bytes of constants that an isolated loop must go through before it comes back to the first, so that it finds a weight where
    /// the network finds it. Between two uses of a weight the network touches all its other weights and activations: where these
    /// fit into the second cache the weights are found there, and it is enough to leave the first. Otherwise the loop goes through
    /// as many bytes as the network has weights; with the activations added, loops of networks that just about fill the cache
    /// thrash it and come out a quarter too slow.
    /// </summary>
    /// <param name="layers">Counted layers of the network.</param>
    /// <param name="peakActivations">Bytes of activations that live at once.</param>
    public long Rotation(IReadOnlyList<Layer> layers, long peakActivations)
    {
        long weights = layers.Sum(l => l.WeightBytes);
        return Nearest > 0 && weights + peakActivations <= Private * Usable ? Math.Min(weights, 2 * Nearest) : weights;
    }

    private static string Text(string index, string file)
    {
        string path = Path.Combine(index, file);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
    }

    // "48K", "2048K", "1M".
    private static long Bytes(string size)
    {
        long unit = size.EndsWith('K') ? 1L << 10 : size.EndsWith('M') ? 1L << 20 : 1;
        return long.TryParse(size.TrimEnd('K', 'M'), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            && count < 1L << 32 ? count * unit : 0;
    }
}
