using System.Diagnostics;
using System.Runtime.Versioning;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Sysfs;
using EdgePrune.Profiler.Tests.Sensors.Bench;
using EdgePrune.TestSupport;
using FsCheck;
using FsCheck.Fluent;

namespace EdgePrune.Profiler.Tests.Sensors.Sysfs;

[UnsupportedOSPlatform("windows")]
public sealed class KernelFileTests
{
    [Theory(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    [InlineData("5032\n", 5032)]
    [InlineData("-17\n", -17)]
    [InlineData("0", 0)]
    [InlineData("262143328850\n\n\n\n", 262143328850)]
    [InlineData("12 \n", 12)]
    public void A_number_is_read(string text, long value)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("a"), text);
        Assert.Equal(value, KernelFile.Integer(folder.File("a")));
    }

    [Theory(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    [InlineData("", KernelFault.Empty)]
    [InlineData("\n", KernelFault.NotANumber)]
    [InlineData("nan\n", KernelFault.NotANumber)]
    [InlineData("12.5\n", KernelFault.NotANumber)]
    [InlineData("12x\n", KernelFault.NotANumber)]
    [InlineData("1\n2\n", KernelFault.NotANumber)]
    [InlineData("-\n", KernelFault.NotANumber)]
    [InlineData("12\0\0\0", KernelFault.NotANumber)]
    [InlineData("99999999999999999999999\n", KernelFault.NotANumber)]
    [InlineData("5                                                                                             ", KernelFault.NotANumber)]
    internal void Anything_else_is_a_fault_that_names_the_file(string text, KernelFault expected)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("a"), text);
        using KernelFile file = KernelFile.Open(folder.File("a"));
        Assert.False(file.TryRead(out _, out KernelFault fault));
        Assert.Equal(expected, fault);
        Assert.Contains(folder.File("a"), Assert.Throws<SensorException>(() => file.Read()).Message, StringComparison.Ordinal);
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void Random_bytes_never_crash_and_never_pass_for_more_than_18_digits() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            if (KernelFile.TryParse(bytes, out long value))
            {
                Assert.StartsWith(value == 0 ? bytes[0] == '-' ? "-0" : "0" : value < 0 ? "-" : "", System.Text.Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
                Assert.InRange(Math.Abs(value), 0, 999_999_999_999_999_999);
            }
        }).QuickCheckThrowOnFailure();

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void Errors_of_the_system_become_words()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("denied"), "1\n");
        File.SetUnixFileMode(folder.File("denied"), UnixFileMode.None);
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute);
        Assert.Equal(KernelFault.Missing, FaultOf(folder.File("none")));
        Assert.Equal(KernelFault.Other, FaultOf(folder.Path)); // a folder: EISDIR
        // The kernel's own EIO: address 0 of a process is not mapped.
        Assert.Equal(KernelFault.NoAnswer, FaultOf("/proc/self/mem"));
        using (new OtherUser())
        {
            Assert.Equal(KernelFault.Denied, FaultOf(folder.File("denied")));
        }
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void A_pipe_in_place_of_an_attribute_is_an_error_and_no_wait()
    {
        using var folder = new TempFolder();
        using (Process made = Process.Start("mkfifo", [folder.File("pipe")]))
        {
            made.WaitForExit();
        }

        Assert.NotEqual(KernelFault.None, FaultOf(folder.File("pipe")));
    }

    [Fact(Skip = LinuxFacts.Why, SkipUnless = nameof(LinuxFacts.IsLinux), SkipType = typeof(LinuxFacts))]
    public void A_reading_allocates_nothing()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.File("a"), "5032\n");
        using KernelFile file = KernelFile.Open(folder.File("a"));
        long sum = file.Read();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            sum += file.Read();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1001 * 5032, sum);
    }

    private static KernelFault FaultOf(string path)
    {
        if (!KernelFile.TryOpen(path, out KernelFile? file, out KernelFault fault))
        {
            return fault;
        }

        using (file)
        {
            _ = file.TryRead(out _, out fault);
            return fault;
        }
    }
}
