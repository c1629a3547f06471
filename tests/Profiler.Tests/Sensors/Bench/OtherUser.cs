using System.Runtime.InteropServices;

namespace EdgePrune.Profiler.Tests.Sensors.Bench;

/// <summary>
/// Lets the calling thread, and nothing else, reach files as an ordinary user does: EACCES is then the kernel's own answer even where
/// the tests run as root (setfsuid(2) takes the override of file permissions from the thread). The group stays. Dispose on the same thread.
/// </summary>
internal sealed partial class OtherUser : IDisposable
{
    private const uint Nobody = 65534;
    private readonly uint before = (uint)SetFileUser(Nobody);

    public void Dispose() => _ = SetFileUser(before);

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileUser(uint id);
}
