using System.Text.Json;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Agent.Service.Jobs;

/// <summary>
/// Jobs on disk, a folder each: what was asked for and where it stands, the models, and the result. A job is there once its file is;
/// a folder without one is what a crash has left of a job that nobody was told of.
/// </summary>
internal sealed class JobFolder
{
    private const string StateFile = "job.json";
    private const string ResultFile = "result.json";
    private const long MaxStateBytes = 1 << 20;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true };
    private readonly string folder;

    public JobFolder(string folder)
    {
        this.folder = folder;
        Directory.CreateDirectory(folder);
    }

    /// <summary>All jobs, oldest first. What cannot be read is removed: it can be asked for again.</summary>
    public IReadOnlyList<Job> Load()
    {
        var jobs = new List<Job>();
        foreach (string path in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (TryRead(path) is { } job && job.Id == Path.GetFileName(path))
            {
                jobs.Add(job);
            }
            else
            {
                Directory.Delete(path, recursive: true);
            }
        }

        return jobs;
    }

    /// <summary>The folder of a job.</summary>
    public string PathOf(string id) => Path.Combine(folder, id);

    public string ModelOf(string id, int index) => Path.Combine(PathOf(id), index == 0 ? "model.onnx" : "other.onnx");

    public string ResultOf(string id) => Path.Combine(PathOf(id), ResultFile);

    public void Save(Job job) => AtomicFile.WriteText(Path.Combine(PathOf(job.Id), StateFile), JsonSerializer.Serialize(job, Json));

    public void Remove(string id)
    {
        if (Directory.Exists(PathOf(id)))
        {
            File.Delete(Path.Combine(PathOf(id), StateFile)); // first: a crash between leaves a folder that counts as no job
            Directory.Delete(PathOf(id), recursive: true);
        }
    }

    /// <summary>Forgets the models of a job that has ended; they can be large.</summary>
    public void RemoveModels(string id)
    {
        File.Delete(ModelOf(id, 0));
        File.Delete(ModelOf(id, 1));
    }

    private static Job? TryRead(string path)
    {
        try
        {
            var file = new FileInfo(Path.Combine(path, StateFile));
            return file is { Exists: true, Length: <= MaxStateBytes } ? JsonSerializer.Deserialize<Job>(File.ReadAllBytes(file.FullName), Json) : null;
        }
        catch (Exception e) when (e is JsonException or IOException or InputException)
        {
            return null;
        }
    }
}
