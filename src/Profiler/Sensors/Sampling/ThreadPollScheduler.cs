using System.Runtime.InteropServices;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.Sampling;

/// <summary>
/// Polls on a thread of its own. On Linux it sleeps in the kernel until the microsecond that the poll asked for: a timer of the
/// framework is a millisecond late, and spinning would take a core from what is measured and add to its energy.
/// </summary>
public sealed partial class ThreadPollScheduler(TimeProvider clock) : IPollScheduler
{
    // A poll that asks for "at once" again and again must not occupy a core.
    private const double ShortestPause = 20e-6;
    private const double LongestPause = 0.05;
    private const int SetTimerSlack = 29;

    public IDisposable Run(Func<Seconds, Seconds> poll)
    {
        ArgumentNullException.ThrowIfNull(poll);
        return new Polling(poll, clock);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static unsafe partial int NanoSleep(long* request, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint value, nuint unused2, nuint unused3, nuint unused4);

    private sealed class Polling : IDisposable
    {
        private readonly Func<Seconds, Seconds> poll;
        private readonly TimeProvider clock;
        private readonly Thread thread;
        private readonly long started;
        private volatile bool stop;

        public Polling(Func<Seconds, Seconds> poll, TimeProvider clock)
        {
            this.poll = poll;
            this.clock = clock;
            started = clock.GetTimestamp();
            thread = new Thread(Loop) { IsBackground = true, Name = "edgeprune sampler", Priority = ThreadPriority.AboveNormal };
            thread.Start();
        }

        public void Dispose()
        {
            stop = true;
            if (thread.IsAlive && Thread.CurrentThread != thread)
            {
                thread.Join();
            }
        }

        private void Loop()
        {
            if (OperatingSystem.IsLinux())
            {
                // One nanosecond of slack: the default of 50 µs makes every sleep that much longer.
                _ = ProcessControl(SetTimerSlack, 1, 0, 0, 0);
            }

            while (!stop)
            {
                Seconds next = poll(Now());
                double pause = Math.Clamp((next - Now()).Value, ShortestPause, LongestPause);
                // A long pause is taken in pieces, so that a window can be closed in time.
                while (!stop && pause > 0)
                {
                    Sleep(pause);
                    pause = Math.Min((next - Now()).Value, LongestPause);
                }
            }
        }

        private Seconds Now() => new(clock.GetElapsedTime(started).TotalSeconds);

        private static unsafe void Sleep(double seconds)
        {
            if (OperatingSystem.IsLinux() && Environment.Is64BitProcess)
            {
                long* time = stackalloc long[2];
                time[0] = (long)seconds;
                time[1] = (long)((seconds - time[0]) * 1e9);
                _ = NanoSleep(time, 0);
            }
            else
            {
                Thread.Sleep(Math.Max(1, (int)(seconds * 1e3)));
            }
        }
    }
}
