using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace EdgePrune.Profiler.Timing;

/// <summary>
/// Keeps the calling thread on one core at a time and lets it move on request. Where the system has no affinity, or refuses it, the
/// thread stays free and <see cref="Cores"/> is empty. Only the calling thread is bound (sched_setaffinity(2) with process 0); the
/// runtime's own threads go on as before. Disposing, on the same thread, gives it back the cores that it had.
/// </summary>
internal sealed partial class PinnedThread : IDisposable
{
    // The kernel's own cpu_set_t has 1024 bits; larger machines answer EINVAL and are left alone.
    private const int MaskWords = 16;
    private const int Self = 0;
    private readonly ulong[]? original;
    private int at;

    private PinnedThread(ulong[]? original, int[] cores)
    {
        this.original = original;
        Cores = cores;
    }

    /// <summary>Cores that the thread may be moved between: of those allowed, the ones with the largest capacity.</summary>
    public IReadOnlyList<int> Cores { get; }

    /// <summary>Binds the calling thread to the first of its fastest cores.</summary>
    public static PinnedThread Bind()
    {
        if (!RuntimeInformation.IsOSPlatform(OSPlatform.Linux) || !BitConverter.IsLittleEndian)
        {
            return Free();
        }

        ulong[] mask = new ulong[MaskWords];
        try
        {
            if (GetAffinity(Self, MaskWords * sizeof(ulong), mask) < 0)
            {
                return Free();
            }

            var pinned = new PinnedThread(mask, Fastest([.. Bits(mask)]));
            return pinned.Cores.Count > 0 && TryMove(pinned.Cores[0]) ? pinned : Free();
        }
        catch (EntryPointNotFoundException)
        {
            return Free();
        }
        catch (DllNotFoundException)
        {
            return Free();
        }
    }

    /// <summary>A thread that is not bound.</summary>
    public static PinnedThread Free() => new(null, []);

    /// <summary>Moves the thread to the next of its cores; does nothing where there is no other.</summary>
    public void Next()
    {
        if (Cores.Count > 1)
        {
            at = (at + 1) % Cores.Count;
            TryMove(Cores[at]);
        }
    }

    public void Dispose()
    {
        if (original is not null)
        {
            _ = SetAffinity(Self, MaskWords * sizeof(ulong), original);
        }
    }

    // On processors with cores of two kinds a layer must not be timed on either by chance.
    private static int[] Fastest(int[] cores)
    {
        double[] capacity = [.. cores.Select(Capacity)];
        return cores.Length == 0 ? [] : [.. cores.Where((_, i) => capacity[i] >= capacity.Max())];
    }

    private static double Capacity(int core)
    {
        string folder = string.Create(CultureInfo.InvariantCulture, $"/sys/devices/system/cpu/cpu{core}");
        foreach (string file in (string[])["cpu_capacity", "cpufreq/cpuinfo_max_freq"])
        {
            try
            {
                string path = Path.Combine(folder, file);
                if (File.Exists(path)
                    && double.TryParse(File.ReadAllText(path), NumberStyles.Float, CultureInfo.InvariantCulture, out double value))
                {
                    return value;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not told: all cores count as equal.
            }
        }

        return 0;
    }

    private static IEnumerable<int> Bits(ulong[] mask)
    {
        for (int word = 0; word < mask.Length; word++)
        {
            for (ulong left = mask[word]; left != 0; left &= left - 1)
            {
                yield return (word * 64) + BitOperations.TrailingZeroCount(left);
            }
        }
    }

    private static bool TryMove(int core)
    {
        ulong[] mask = new ulong[MaskWords];
        mask[core / 64] = 1UL << (core % 64);
        return SetAffinity(Self, MaskWords * sizeof(ulong), mask) == 0;
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int GetAffinity(int process, nint bytes, [Out] ulong[] mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int process, nint bytes, ulong[] mask);
}
