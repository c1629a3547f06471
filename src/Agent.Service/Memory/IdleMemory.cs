using System.Runtime;
using System.Runtime.InteropServices;

namespace EdgePrune.Agent.Service.Memory;

/// <summary>
/// Gives back what a start, a deployment or a burst of requests has left, as soon as the agent has nothing to do: the collector
/// comes to old and large objects only when more are wanted, which on an idle board may be days later, and its memory is meanwhile
/// missing elsewhere.
/// </summary>
internal sealed partial class IdleMemory(TimeProvider time) : BackgroundService
{
    private const long WorthBytes = 1L << 20;
    private const long QuietBytes = 256 << 10;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    /// <summary>Collects all garbage and hands free memory of the managed and of the native heap to the system.</summary>
    public static void Return()
    {
        // What waits for its finalizer holds native memory, and more garbage.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ReturnNative();
    }

    private static void ReturnNative()
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                _ = Trim(0);
            }
            catch (EntryPointNotFoundException)
            {
                // Only glibc keeps that much for itself, and only glibc has this.
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rule = new IdleRule(WorthBytes, QuietBytes);
        using var timer = new PeriodicTimer(Interval, time);
        bool returned = false;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                if (rule.Look(GC.GetTotalAllocatedBytes()))
                {
                    Return();
                    returned = true;
                }
                else if (returned)
                {
                    // Connections that end, and code that is compiled behind the last requests, free native memory later than that.
                    ReturnNative();
                    returned = false;
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Also where the service is disposed of without having been stopped, which the host would take for a failure.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);
}
