using System.Text.Json;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Cli.Loop;

/// <summary>
/// Where a loop keeps what it has finished, so that the same command goes on after a Ctrl-C, a crash or a power cut. Each step's
/// result is one file, written atomically when the step is done; a step that was interrupted has none and runs again.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private const string IdentityFile = "run.json";
    private readonly FileStream held;
    private readonly Reporter reporter;
    private int finished;

    private RunFolder(string folder, FileStream held, Reporter reporter)
    {
        Folder = folder;
        this.held = held;
        this.reporter = reporter;
    }

    /// <summary>Full path.</summary>
    public string Folder { get; }

    /// <summary>Opens the folder of a run, or makes it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="identity">All that the results depend on, by name: digests of the files, and the options.</param>
    /// <param name="reporter">Told about steps that are not run again.</param>
    /// <exception cref="InputException">The folder belongs to a run with other inputs, or another process works in it.</exception>
    public static RunFolder Open(string folder, IReadOnlyDictionary<string, string> identity, Reporter reporter)
    {
        folder = Path.GetFullPath(folder);
        if (File.Exists(folder))
        {
            throw new InputException($"{folder} is a file; a run is kept in a folder. Name another with --run");
        }

        bool isNew = !Directory.Exists(folder);
        string identityPath = Path.Combine(folder, IdentityFile);
        if (!isNew && !File.Exists(identityPath) && Directory.EnumerateFileSystemEntries(folder).Any(e => Path.GetFileName(e) != LockFile && !IsTemporary(e)))
        {
            throw new InputException($"{folder} holds files that are not of a run; name an empty folder, or one that is not there yet, with --run");
        }

        Directory.CreateDirectory(folder);
        FileStream held = Hold(folder);
        try
        {
            foreach (string left in Directory.EnumerateFiles(folder).Where(IsTemporary).ToList())
            {
                File.Delete(left); // of a process that was killed while it wrote
            }

            if (File.Exists(identityPath))
            {
                Compare(folder, Read<Dictionary<string, string>>(identityPath), identity);
            }
            else
            {
                AtomicFile.WriteText(identityPath, Json.Write(identity));
            }

            return new RunFolder(folder, held, reporter);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>A file of the run.</summary>
    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>The result of a step: read where it is finished, else made and kept.</summary>
    /// <param name="name">Name of the step; its file is called after it and its place in the order.</param>
    /// <param name="work">Does the step. Files that it writes must be written atomically.</param>
    public T Step<T>(string name, Func<T> work)
        where T : class
    {
        finished++;
        return Kept($"{finished}-{name}", work);
    }

    /// <summary>The same for work that has no place in the order.</summary>
    /// <param name="name">Name of its file.</param>
    /// <param name="work">Does it.</param>
    public T Kept<T>(string name, Func<T> work)
        where T : class
    {
        string path = PathOf(name + ".json");
        if (File.Exists(path))
        {
            reporter.Note($"{Title(name)}: finished already, taken from {path}");
            return Read<T>(path);
        }

        T result = work();
        AtomicFile.WriteText(path, Json.Write(result));
        return result;
    }

    public void Dispose() => held.Dispose();

    // Without the place in the order.
    private static string Title(string name) => char.IsAsciiDigit(name[0]) ? name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..] : name;

    private const string LockFile = "lock";

    private static bool IsTemporary(string path) => Path.GetFileName(path).StartsWith(AtomicFile.TemporaryPrefix, StringComparison.Ordinal);

    private static FileStream Hold(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new InputException($"another process works in {folder}; wait for it, or name another folder with --run", e);
        }
    }

    private static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json.Options) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new InputException($"{path} is damaged ({e.Message}); delete it, and the step runs again", e);
        }
    }

    private static void Compare(string folder, Dictionary<string, string> before, IReadOnlyDictionary<string, string> now)
    {
        string[] changed = [.. before.Keys.Union(now.Keys).Where(k => before.GetValueOrDefault(k) != now.GetValueOrDefault(k)).Order(StringComparer.Ordinal)];
        if (changed.Length > 0)
        {
            IEnumerable<string> lines = changed.Select(k => $"{k} was {before.GetValueOrDefault(k, "not given")}, is {now.GetValueOrDefault(k, "not given")}");
            throw new InputException($"{folder} belongs to a run with other inputs: {string.Join("; ", lines)}. Delete the folder to start anew, or name another with --run");
        }
    }
}
