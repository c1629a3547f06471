using EdgePrune.Agent.CrashChild.Operations;
using EdgePrune.Agent.Tests.Faults.FileOperations;

namespace EdgePrune.Agent.Tests.Faults;

/// <summary>A disk that is full or read-only, with errors by the kernel itself: a process with file systems of its own.</summary>
public sealed class KernelFaultTests
{
    private const int Page = 4096;
    private const int NoMount = 9;
    private const int DoesNotFit = 7;

    internal static FaultSection Section { get; } = new(
        "A real disk that is full or read-only",
        typeof(KernelFaultTests),
        "A process in a mount namespace of its own, with a small tmpfs for a disk. The errors are the kernel's.",
        [
            .. Scenarios.Select(s => new FaultCase($"disk full by the page: {s}", "reported as an error; old or new, whole; nothing acknowledged is lost", () => Full(s))),
            new("no inode left: deploy and commit", "reported as an error; old or new, whole; nothing acknowledged is lost", NoInode),
            new("disk turned read-only: deploy and commit", "refused; the old model serves", ReadOnlyDisk),
            new("limit on a file's size: deploy and commit", "reported as an error; old or new, whole; nothing acknowledged is lost", FileTooLarge),
        ]);

    public static TheoryData<string> Cases => Section.Names;

    private static string[] Scenarios => ["deploy and commit", "deploy and roll back", "next bundle", "upload"];

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Kernel_fault(string fault) => Section.RunAsync(fault);

    private static void Full(string scenario)
    {
        int errors = 0;
        bool done = false;
        for (int pages = 0; pages < 40 && !done; pages++)
        {
            string ending = Act(scenario, $"size={(Pages(scenario) + pages) * Page}");
            TestContext.Current.TestOutputHelper!.WriteLine($"{pages} pages more: {ending}");
            done = ending == "done";
            errors += ending.StartsWith("IOException", StringComparison.Ordinal) || ending.Contains("no room", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.True(done, "it never fitted");
        Assert.True(errors > 0, "it always fitted: the test does not test");
    }

    private static void NoInode()
    {
        int errors = 0;
        bool done = false;
        for (int inodes = 8; inodes < 40 && !done; inodes++)
        {
            string ending = Act("deploy and commit", $"nr_inodes={inodes}");
            done = ending == "done";
            errors += ending.StartsWith("IOException", StringComparison.Ordinal) || ending.Contains("no room", StringComparison.Ordinal) ? 1 : 0;
        }

        Assert.True(done && errors > 0, $"{done} {errors}");
    }

    private static void ReadOnlyDisk()
    {
        string ending = Act("deploy and commit", "size=1m", "mount -o remount,ro \"$disk\"; ");
        Assert.StartsWith("InputException", ending, StringComparison.Ordinal);
        Assert.Contains("is not writable", ending, StringComparison.Ordinal);
    }

    private static void FileTooLarge()
    {
        // 512 bytes: less than the journal has already, or the model.
        string ending = Act("deploy and commit", "size=1m", "trap '' XFSZ; export DOTNET_EnableWriteXorExecute=0; ulimit -f 1; ", marked: false);
        Assert.StartsWith("IOException", ending, StringComparison.Ordinal);
    }

    private static int Pages(string scenario)
    {
        using var ram = new RamFolder();
        Device device = Prepare(ram, scenario);
        return Directory.EnumerateFiles(device.Disk, "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).LinkTarget is null).Sum(f => (int)((new FileInfo(f).Length + Page - 1) / Page));
    }

    private static Device Prepare(RamFolder ram, string scenario)
    {
        Device device = new Device(ram.Path).CreateOutside();
        DeviceScenario.All.Single(s => s.Name == scenario).Prepare(device);
        return device;
    }

    // The disk is mounted over the prepared one, filled from it, and looked at through /proc while the process still lives.
    private static string Act(string scenario, string mountOptions, string before = "", bool marked = true)
    {
        string library = Shim.Require();
        using var ram = new RamFolder();
        Device device = Prepare(ram, scenario);
        string copy = Path.Combine(ram.Path, "prepared");
        RamFolder.Copy(device.Disk, copy);
        string script = $"disk='{device.Disk}'; mount -t tmpfs -o {mountOptions} tmpfs \"$disk\" || exit {NoMount}; cp -a '{copy}/.' \"$disk\" 2>/dev/null || exit {DoesNotFit}; {before}exec \"$@\"";
        using OperationChild child = OperationChild.Start(library, "unshare", ["-rm", "sh", "-c", script, "sh"], preload: false);
        string? log = marked ? Path.Combine(ram.Path, "log") : null;
        if (child.Act(scenario, device.Root, log) is not (_, var ending))
        {
            int code = child.WaitForExit();
            Assert.SkipUnless(code == DoesNotFit, $"this system does not let a test mount in a namespace of its own: {code}");
            return "what was there before does not fit";
        }

        var seen = new Device(Path.Combine(ram.Path, "seen"));
        Directory.CreateDirectory(seen.Root);
        Directory.CreateSymbolicLink(Path.Combine(seen.Root, "outside"), Path.Combine(device.Root, "outside"));
        RamFolder.Copy($"/proc/{child.Id}/root{device.Disk}", seen.Disk);
        DeviceChecks.Check(seen, scenario, log is null ? [] : [.. Operation.Load(log).Where(o => o.Kind == 'M').Select(o => o.Path)], deployAgain: true);
        return ending;
    }
}
