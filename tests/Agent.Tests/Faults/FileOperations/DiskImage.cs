using System.Security.Cryptography;
using System.Text;

namespace EdgePrune.Agent.Tests.Faults.FileOperations;

/// <summary>A folder as it is found after a power cut: names with bytes, links (texts) or folders.</summary>
internal sealed record DiskImage(IReadOnlyList<(string Name, object Entry)> Entries)
{
    /// <summary>Puts it where a program can open it.</summary>
    public void Write(string path)
    {
        Directory.CreateDirectory(path);
        foreach ((string name, object entry) in Entries)
        {
            string target = Path.Combine(path, name);
            switch (entry)
            {
                case DiskImage inner: inner.Write(target); break;
                case byte[] bytes: File.WriteAllBytes(target, bytes); break;
                case string link: File.CreateSymbolicLink(target, link); break;
                default: throw new InvalidOperationException($"{entry}");
            }
        }
    }

    /// <summary>The same for the same image.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, object entry) in Entries)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0"));
            hash.AppendData(entry switch
            {
                DiskImage inner => Encoding.UTF8.GetBytes("folder " + inner.Fingerprint()),
                byte[] bytes => SHA256.HashData(bytes),
                _ => Encoding.UTF8.GetBytes("link " + entry),
            });
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
