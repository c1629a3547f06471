using System.Diagnostics;
using EdgePrune.Agent.CrashChild;
using EdgePrune.Agent.Deployment;
using EdgePrune.Agent.Store;
using EdgePrune.Onnx;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests;

/// <summary>Stores that somebody or something has tampered with, and models that a store must not take.</summary>
public sealed class HostileStoreTests
{
    [Fact]
    public void A_damaged_model_is_reported_never_served_and_repaired_by_deploying_it_again()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        Damage(f.PathOf("a"));
        InputException e = Assert.Throws<InputException>(() => f.Store.Reader.TryOpenCurrent(out _));
        Assert.Contains("damaged", e.Message, StringComparison.Ordinal);
        Assert.Contains(f.PathOf("a"), e.Message, StringComparison.Ordinal);

        f.Reopen(); // a damaged model must not keep the store from being opened, or it could never be repaired
        Assert.True(f.Deploy("a").AlreadyCurrent);
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("a"));
    }

    [Fact]
    public void A_model_that_has_changed_since_its_signature_was_checked_is_refused()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        var request = new DeployRequest { Expected = f.DigestOf("b") };
        Damage(f.Folders.Model("b"));
        InputException e = Assert.Throws<InputException>(() => f.Deployer.Begin(f.Folders.Model("b"), request, TestContext.Current.CancellationToken));
        Assert.Contains("has changed since it was checked", e.Message, StringComparison.Ordinal);
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("a"));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(f.PathOf("a"))!));
    }

    [Fact]
    public void A_missing_model_is_reported()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        File.Delete(f.PathOf("a"));
        Assert.Contains("missing", Assert.Throws<InputException>(() => f.Store.Reader.TryOpenCurrent(out _)).Message, StringComparison.Ordinal);
        f.Reopen();
        f.Deploy("b");
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("b"));
    }

    [Fact]
    public void A_link_in_place_of_a_model_is_not_followed_even_to_the_right_bytes()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        byte[] outside = File.ReadAllBytes(f.Folders.Model("a"));
        File.Delete(f.PathOf("a"));
        File.CreateSymbolicLink(f.PathOf("a"), f.Folders.Model("a"));
        Assert.Contains("symbolic link", Assert.Throws<InputException>(() => f.Store.Reader.TryOpenCurrent(out _)).Message, StringComparison.Ordinal);

        f.Deploy("a");
        Assert.Null(new FileInfo(f.PathOf("a")).LinkTarget);
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("a"));
        Assert.Equal(outside, File.ReadAllBytes(f.Folders.Model("a")));
    }

    [Fact]
    public void A_pipe_in_place_of_a_model_does_not_hang_anybody()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in folders");
        using var f = new StoreFixture();
        f.Deploy("a");
        File.Delete(f.PathOf("a"));
        MakePipe(f.PathOf("a"));
        Assert.Contains("pipe", Assert.Throws<InputException>(() => f.Store.Reader.TryOpenCurrent(out _)).Message, StringComparison.Ordinal);
        f.Deploy("a");
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("a"));

        string pipe = Path.Combine(f.Folders.Root, "pipe.onnx");
        MakePipe(pipe);
        Assert.Throws<InputException>(() => f.Deployer.Deploy(pipe, new DeployRequest(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_folder_in_place_of_a_model_is_reported_and_left_alone()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        Directory.CreateDirectory(f.PathOf("b"));
        Assert.Contains("is a folder", Assert.Throws<InputException>(() => f.Deploy("b")).Message, StringComparison.Ordinal);
        Assert.Equal(DeploymentState.Refused, f.Store.History[^1].State);
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("a"));
        Assert.True(Directory.Exists(f.PathOf("b")));
    }

    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("../a.onnx")]
    [InlineData("objects/sha256/../../../a.onnx")]
    [InlineData("objects/sha256/.onnx")]
    public void A_current_that_leads_elsewhere_is_not_followed_and_put_right_on_opening(string target)
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        File.Delete(f.Store.Reader.CurrentPath);
        File.CreateSymbolicLink(f.Store.Reader.CurrentPath, target);
        Assert.Contains("does not lead to an object", Assert.Throws<InputException>(() => f.Store.Reader.TryOpenCurrent(out _)).Message, StringComparison.Ordinal);
        f.Reopen();
        Invariant.AssertServes(f.Folders.Store, f.DigestOf("a"));
    }

    [Fact]
    public void A_folder_in_place_of_current_is_reported()
    {
        using var f = new StoreFixture();
        Directory.CreateDirectory(f.Store.Reader.CurrentPath);
        Assert.Contains("folder", Assert.Throws<InputException>(() => f.Deploy("a")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_that_lead_out_of_the_store_are_refused()
    {
        using var temp = new TempFolder();
        ScenarioFolders folders = new ScenarioFolders(temp.Path).CreateModels();
        Directory.CreateDirectory(folders.Store);
        Directory.CreateDirectory(temp.File("elsewhere"));
        Directory.CreateSymbolicLink(Path.Combine(folders.Store, "objects"), temp.File("elsewhere"));
        Assert.Contains("is a link", Assert.Throws<InputException>(() => ModelStore.Open(folders.Store)).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(temp.File("elsewhere")));
    }

    [Fact]
    public void A_store_held_by_another_process_is_refused_and_can_still_be_read()
    {
        using var f = new StoreFixture();
        f.Deploy("a");
        f.Store.Dispose();
        using (var child = Child.Start("hold", f.Folders.Root))
        {
            Assert.Equal("held", child.ReadLine());
            Assert.Contains("in use by another process", Assert.Throws<InputException>(() => ModelStore.Open(f.Folders.Store)).Message, StringComparison.Ordinal);
            Invariant.AssertServes(f.Folders.Store, f.DigestOf("a"));
            child.CloseInput();
            Assert.Equal((0, ""), child.Wait());
        }

        f.Open();
        f.Deploy("b");
    }

    [Fact]
    public void A_folder_that_may_not_be_written_is_refused()
    {
        Assert.SkipWhen(Environment.UserName == "root", "root may write everywhere");
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such modes");
            return;
        }

        using var temp = new TempFolder();
        string folder = temp.File("sealed");
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Contains("not writable", Assert.Throws<InputException>(() => ModelStore.Open(folder)).Message, StringComparison.Ordinal);
        Assert.Contains("not writable", Assert.Throws<InputException>(() => ModelStore.Open(Path.Combine(folder, "store"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_place_of_the_store_is_refused()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp.File("store"), "not a folder");
        Assert.Contains("is a file", Assert.Throws<InputException>(() => ModelStore.Open(temp.File("store"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Models_over_the_limit_empty_missing_or_folders_are_refused_before_anything_is_written()
    {
        using var f = new StoreFixture(new ModelStoreOptions { MaxObjectBytes = 1000 });
        string empty = Path.Combine(f.Folders.Root, "empty.onnx");
        File.WriteAllBytes(empty, []);
        Assert.Contains("larger than the store takes", Assert.Throws<InputException>(() => f.Deploy("a")).Message, StringComparison.Ordinal);
        Assert.Contains("empty", Assert.Throws<InputException>(() => f.Deploy("empty")).Message, StringComparison.Ordinal);
        Assert.Contains("no file", Assert.Throws<InputException>(() => f.Deploy("nowhere")).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(f.Folders.Model("folder"));
        Assert.Contains("is a folder", Assert.Throws<InputException>(() => f.Deploy("folder")).Message, StringComparison.Ordinal);
        Assert.Empty(f.Store.History);
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(f.PathOf("a"))!));
    }

    [Fact]
    public void A_full_disk_is_reported_before_anything_is_written()
    {
        using var f = new StoreFixture(new ModelStoreOptions { ReservedFreeBytes = long.MaxValue });
        Assert.Contains("no room", Assert.Throws<InputException>(() => f.Deploy("a")).Message, StringComparison.Ordinal);
        Assert.Empty(f.Store.History);
    }

    [Fact]
    public void Files_that_are_not_the_stores_own_are_left_alone()
    {
        using var f = new StoreFixture();
        string[] foreign = [Path.Combine(f.Folders.Store, "notes.txt"), Path.Combine(Path.GetDirectoryName(f.PathOf("a"))!, "mine.onnx")];
        foreach (string path in foreign)
        {
            File.WriteAllText(path, "mine");
        }

        f.Deploy("a");
        f.Deploy("b");
        f.Deploy("c");
        f.Reopen();
        Assert.All(foreign, path => Assert.True(File.Exists(path)));
        Assert.False(File.Exists(f.PathOf("a")));
    }

    /// <summary>Changes one byte in the middle, as a failing card does.</summary>
    internal static void Damage(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.Delete(path);
        File.WriteAllBytes(path, bytes);
    }

    private static void MakePipe(string path)
    {
        using Process process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
