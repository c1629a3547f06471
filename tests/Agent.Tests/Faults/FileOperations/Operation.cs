using System.Globalization;
using System.Text;

namespace EdgePrune.Agent.Tests.Faults.FileOperations;

/// <summary>What a process did to the file system, as fileops.c records it.</summary>
/// <param name="Kind">
/// C creates a file, D a folder, L a symbolic link, H a hard link; W writes, T cuts to a length, F flushes a file or a folder, R renames, U removes;
/// M is a mark of the scenario's; E an operation, of the kind that Other says, that was made to fail.
/// </param>
/// <param name="Path">Relative to the folder that was watched.</param>
/// <param name="Other">The new name of R, the target of L, the old name of H.</param>
/// <param name="Offset">Of W; the length of T.</param>
/// <param name="Data">Of W.</param>
internal sealed record Operation(char Kind, string Path, string Other, long Offset, byte[] Data)
{
    /// <summary>Reads a record; of one that is being written what is whole.</summary>
    public static IReadOnlyList<Operation> Load(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        var operations = new List<Operation>();
        int at = 0;
        while (at < bytes.Length)
        {
            int line = bytes.AsSpan(at).IndexOf((byte)'\n');
            if (line < 0)
            {
                break;
            }

            string[] words = Encoding.UTF8.GetString(bytes, at, line).Split(' ', 4);
            string[] paths = words[3].Split('\t');
            int length = int.Parse(words[2], CultureInfo.InvariantCulture);
            at += line + 1;
            if (at + length > bytes.Length)
            {
                break;
            }

            operations.Add(new Operation(words[0][0], paths[0], paths[1], long.Parse(words[1], CultureInfo.InvariantCulture), bytes[at..(at + length)]));
            at += length;
        }

        return operations;
    }

    public override string ToString() => Kind switch
    {
        'W' => $"write {Path} at {Offset}, {Data.Length} bytes",
        'T' => $"cut {Path} to {Offset}",
        'R' => $"rename {Path} to {Other}",
        'L' => $"link {Path} to {Other}",
        'F' => $"flush {Path}",
        'C' => $"create {Path}",
        'D' => $"make folder {Path}",
        'U' => $"remove {Path}",
        'M' => $"— {Path}",
        _ => $"{Kind} {Path} {Other}",
    };
}
