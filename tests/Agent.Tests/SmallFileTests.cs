using EdgePrune.Agent.Store;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Tests;

/// <summary>Files that are small by nature, whatever they say of their length.</summary>
public sealed class SmallFileTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1000)]
    public void A_file_is_read_up_to_the_limit_and_refused_above_it(int length)
    {
        using var temp = new RamFolder();
        byte[] content = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        File.WriteAllBytes(temp.File("small"), content);
        Assert.Equal(content, SmallFile.Read(temp.File("small"), length, "it"));
        if (length > 0)
        {
            Assert.Contains($"more than {length - 1} bytes", Assert.Throws<InputException>(() => SmallFile.Read(temp.File("small"), length - 1, "it")).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_says_it_is_empty_is_read_to_its_end()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has such files");
        const string path = "/proc/self/limits"; // made when it is read
        Assert.Equal(0, new FileInfo(path).Length);
        Assert.Equal(File.ReadAllBytes(path), SmallFile.Read(path, 1 << 20, "it"));
        Assert.Throws<InputException>(() => SmallFile.Read(path, 10, "it"));
    }
}
