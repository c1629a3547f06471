using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.TestSupport;

namespace EdgePrune.Agent.Tests;

public sealed class AtomicFileTests
{
    [Fact]
    public void Writes_and_replaces_and_leaves_nothing_else()
    {
        using var temp = new TempFolder();
        string path = temp.File("x.json");
        AtomicFile.WriteText(path, "old");
        AtomicFile.WriteText(path, "new é");
        Assert.Equal("new é"u8.ToArray(), File.ReadAllBytes(path));
        AtomicFile.WriteBytes(path, [1, 2]);
        Assert.Equal([1, 2], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFileSystemEntries(temp.Path));
    }

    [Fact]
    public void A_failing_writer_leaves_the_old_content_and_nothing_else()
    {
        using var temp = new TempFolder();
        string path = temp.File("x.json");
        AtomicFile.WriteText(path, "old");
        Assert.Throws<InvalidDataException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[100_000]);
            throw new InvalidDataException();
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(temp.Path));
    }

    [Fact]
    public void A_link_is_replaced_not_written_through()
    {
        using var temp = new TempFolder();
        File.WriteAllText(temp.File("target"), "kept");
        File.CreateSymbolicLink(temp.File("link"), "target");
        AtomicFile.WriteText(temp.File("link"), "new");
        Assert.Equal("kept", File.ReadAllText(temp.File("target")));
        Assert.Equal("new", File.ReadAllText(temp.File("link")));
    }

    [Fact]
    public void Paths_that_cannot_be_written_are_named()
    {
        using var temp = new TempFolder();
        string missing = temp.File("no/such/x.json");
        Assert.Contains(missing, Assert.Throws<InputException>(() => AtomicFile.WriteText(missing, "x")).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<InputException>(() => AtomicFile.WriteText(temp.Path, "x")).Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(temp.Path));
    }
}
