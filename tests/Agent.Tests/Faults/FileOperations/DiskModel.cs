namespace EdgePrune.Agent.Tests.Faults.FileOperations;

/// <summary>
/// A file system of which POSIX promises only this (fsync(2), rename(2)): what was flushed stays; a rename is done or not done;
/// a sector is written or not written. What was not flushed may have reached the disk in any selection and order: bytes without
/// the length, the length without the bytes, some sectors of a write, a name without its file's content, and a file's content
/// without its name.
/// </summary>
internal sealed class DiskModel
{
    private readonly Folder root = new();

    /// <param name="path">What is durable at the beginning.</param>
    public DiskModel(string path) => Load(new DirectoryInfo(path), root);

    /// <summary>What has been done since and not been flushed, oldest first within a file or folder.</summary>
    public IReadOnlyList<IPending> Pending()
    {
        var pending = new List<IPending>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        void Collect(object? entry)
        {
            if (entry is null || !seen.Add(entry))
            {
                return;
            }

            if (entry is Content content)
            {
                pending.AddRange(content.Pending);
            }
            else if (entry is Folder folder)
            {
                pending.AddRange(folder.Pending);
                IEnumerable<object?> named = folder.Durable.Values.Concat(folder.Pending.SelectMany(p => p.Changes).Select(c => c.Entry));
                foreach (object? next in named)
                {
                    Collect(next);
                }
            }
        }

        Collect(root);
        return pending;
    }

    public void Apply(Operation operation)
    {
        (Folder parent, string name) = Locate(operation.Path);
        switch (operation.Kind)
        {
            case 'C':
                parent.Change(new NameChange([(name, new Content())], operation));
                break;
            case 'D':
                parent.Change(new NameChange([(name, new Folder())], operation));
                break;
            case 'L':
                parent.Change(new NameChange([(name, operation.Other)], operation));
                break;
            case 'H':
                (Folder otherParent, string other) = Locate(operation.Other);
                parent.Change(new NameChange([(name, otherParent.Now[other])], operation));
                break;
            case 'U':
                parent.Change(new NameChange([(name, null)], operation));
                break;
            case 'R':
                (Folder target, string newName) = Locate(operation.Other);
                Assert.Same(parent, target); // a rename from folder to folder would need a model of its own
                parent.Change(new NameChange([(newName, parent.Now[name]), (name, null)], operation));
                break;
            case 'W' or 'T' when parent.Now.GetValueOrDefault(name) is Content content:
                content.Pending.Add(new DataChange(operation));
                break;
            case 'F' when operation.Path == ".":
                root.Flush();
                break;
            case 'F' when parent.Now.GetValueOrDefault(name) is { } entry:
                (entry as Folder)?.Flush();
                (entry as Content)?.Flush();
                break;
            case 'M' or 'W' or 'T' or 'F': // on a file that has been removed and is still open
                break;
            default:
                throw new ArgumentException(operation.ToString());
        }
    }

    /// <summary>What the disk holds after a power cut that let some of the pending through.</summary>
    /// <param name="fates">For each of <see cref="Pending"/> which of its <see cref="IPending.Fates"/>; 0 is: not at all.</param>
    public DiskImage Image(IReadOnlyDictionary<IPending, int> fates) => Image(root, fates);

    private static DiskImage Image(Folder folder, IReadOnlyDictionary<IPending, int> fates)
    {
        var entries = new SortedDictionary<string, object>(folder.Durable, StringComparer.Ordinal);
        foreach (NameChange change in folder.Pending.Where(c => fates[c] == 1))
        {
            Folder.Set(entries, change);
        }

        return new DiskImage([.. entries.Select(e => (e.Key, e.Value switch
        {
            Folder inner => Image(inner, fates),
            Content content => content.Image(fates),
            _ => e.Value,
        }))]);
    }

    private static void Load(DirectoryInfo from, Folder to)
    {
        foreach (FileSystemInfo entry in from.EnumerateFileSystemInfos())
        {
            object loaded = entry.LinkTarget is { } target ? target
                : entry is DirectoryInfo ? new Folder()
                : new Content { Durable = File.ReadAllBytes(entry.FullName) };
            to.Durable[entry.Name] = loaded;
            to.Now[entry.Name] = loaded;
            if (loaded is Folder folder)
            {
                Load((DirectoryInfo)entry, folder);
            }
        }
    }

    private (Folder Parent, string Name) Locate(string path)
    {
        string[] parts = path.Split('/');
        Folder folder = root;
        foreach (string part in parts[..^1])
        {
            folder = folder.Now.GetValueOrDefault(part) as Folder ?? new Folder();
        }

        return (folder, parts[^1]);
    }

    private sealed class Folder
    {
        /// <summary>What a process sees.</summary>
        public Dictionary<string, object> Now { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, object> Durable { get; } = new(StringComparer.Ordinal);

        public List<NameChange> Pending { get; } = [];

        public static void Set(IDictionary<string, object> entries, NameChange change)
        {
            foreach ((string name, object? entry) in change.Changes)
            {
                if (entry is null)
                {
                    entries.Remove(name);
                }
                else
                {
                    entries[name] = entry;
                }
            }
        }

        public void Change(NameChange change)
        {
            Set(Now, change);
            Pending.Add(change);
        }

        public void Flush()
        {
            Pending.ForEach(c => Set(Durable, c));
            Pending.Clear();
        }
    }

    private sealed class Content
    {
        public byte[] Durable { get; set; } = [];

        public List<DataChange> Pending { get; } = [];

        public byte[] Image(IReadOnlyDictionary<IPending, int> fates) =>
            Pending.Aggregate(Durable, (bytes, change) => change.Apply(bytes, fates[change]));

        public void Flush()
        {
            Durable = Pending.Aggregate(Durable, (bytes, change) => change.Apply(bytes, 1));
            Pending.Clear();
        }
    }

    private sealed record NameChange(IReadOnlyList<(string Name, object? Entry)> Changes, Operation Operation) : IPending
    {
        public int Fates => 2;

        public string Describe(int fate) => fate == 0 ? $"lost: {Operation}" : $"kept: {Operation}";

        public bool Equals(NameChange? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }
}
