using System.IO.Compression;
using EdgePrune.Onnx;

namespace EdgePrune.Training.Data.Formats;

/// <summary>NumPy's .npz: a zip archive of .npy arrays, stored or deflated.</summary>
internal static class NpzReader
{
    public static IReadOnlyList<ResidentArray> Read(string path)
    {
        using FileStream file = BoundedReader.OpenFile(path);
        try
        {
            using ZipArchive archive = new(file, ZipArchiveMode.Read);
            if (archive.Entries.Count is 0 or > DataLimits.ArchiveEntries)
            {
                throw new InputException($"{path}: an archive of {archive.Entries.Count} entries; expected 1 to {DataLimits.ArchiveEntries} arrays");
            }

            Dictionary<string, ResidentArray> arrays = [];
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                string what = $"{path} ({entry.FullName})";
                if (!entry.FullName.EndsWith(".npy", StringComparison.Ordinal))
                {
                    throw new InputException($"{what}: is not a .npy array; an .npz holds arrays only");
                }

                string name = entry.FullName[..^4];
                using Stream stream = entry.Open();
                using CrcStream checkedStream = new(stream);
                if (!arrays.TryAdd(name, NpyReader.Read(checkedStream, name, what)))
                {
                    throw new InputException($"{what}: a second array of that name; expected each name once");
                }

                if (checkedStream.Value != entry.Crc32)
                {
                    throw new InputException($"{what}: checksum {checkedStream.Value:x8} where the archive says {entry.Crc32:x8}; the file is damaged");
                }
            }

            return [.. arrays.Values];
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or NotSupportedException or ArgumentException)
        {
            throw new InputException($"{path}: is not a readable .npz archive: {error.Message}", error);
        }
    }
}
