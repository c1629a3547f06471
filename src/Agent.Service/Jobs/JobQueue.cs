using System.Text.Json.Nodes;
using EdgePrune.Agent.Service.Configuration;
using EdgePrune.Agent.Service.Power;
using EdgePrune.Agent.Service.Serving;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;
using EdgePrune.Profiler.Documents;
using EdgePrune.Profiler.Sensors;

namespace EdgePrune.Agent.Service.Jobs;

/// <summary>
/// Measurements, one at a time, first come first served, and none while a step of a probation measures. A job is on disk before its
/// client is told of it; one that the agent's end interrupts begins again, and a sweep of costs then goes on where it was, because
/// every point is kept when it is measured.
/// </summary>
internal sealed class JobQueue : BackgroundService
{
    private const int MaxWaiting = 16;
    private const int MaxEnded = 32;
    private const int MaxAttempts = 3;

    private readonly Lock gate = new();
    private readonly SortedDictionary<string, Job> jobs = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim adding = new(1, 1);
    private readonly JobFolder folder;
    private readonly JobModels models;
    private readonly AgentSettings settings;
    private readonly PowerMonitor power;
    private readonly MeasurementTurns turns;
    private readonly InferenceMetrics metrics;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private TaskCompletionSource changed = Signal();
    private (string Id, CancellationTokenSource Stop)? running;

    public JobQueue(
        AgentSettings settings, JobFolder folder, JobModels models, PowerMonitor power, MeasurementTurns turns, InferenceMetrics metrics, TimeProvider time, ILogger<JobQueue> logger)
    {
        this.settings = settings;
        this.folder = folder;
        this.models = models;
        this.power = power;
        this.turns = turns;
        this.metrics = metrics;
        this.time = time;
        this.logger = logger;
        foreach (Job job in folder.Load())
        {
            jobs[job.Id] = job.State == JobState.Running ? Interrupted(job) : job;
        }
    }

    /// <summary>All jobs that are known, oldest first.</summary>
    public IReadOnlyList<Job> All()
    {
        lock (gate)
        {
            return [.. jobs.Values];
        }
    }

    public Job? Find(string id)
    {
        lock (gate)
        {
            return jobs.GetValueOrDefault(id);
        }
    }

    /// <summary>A task that ends with the next change of any job.</summary>
    public Task ChangedAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return changed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Puts a job into the queue.</summary>
    /// <exception cref="InputException">It makes no sense, names no model, or too many wait.</exception>
    public async Task<Job> AddAsync(JobRequest request, CancellationToken cancellationToken)
    {
        request.Check();
        await adding.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (All().Count(j => !j.HasEnded()) >= MaxWaiting)
            {
                throw new InputException($"{MaxWaiting} measurements wait already; cancel one, or come back later");
            }

            RemoveOld();
            string id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
            Directory.CreateDirectory(folder.PathOf(id));
            bool kept = false;
            try
            {
                var digests = new List<string> { await models.CopyAsync(request.Model, folder.ModelOf(id, 0), cancellationToken).ConfigureAwait(false) };
                if (request.Other is not null)
                {
                    digests.Add(await models.CopyAsync(request.Other, folder.ModelOf(id, 1), cancellationToken).ConfigureAwait(false));
                }

                var job = new Job(id, request.Kind, digests, JobState.Queued, 0, "waiting", time.GetUtcNow(), request);
                Put(job, save: true);
                kept = true;
                return job;
            }
            finally
            {
                if (!kept)
                {
                    folder.Remove(id);
                }
            }
        }
        finally
        {
            adding.Release();
        }
    }

    /// <summary>Cancels a job; one that has ended stays as it is.</summary>
    /// <returns>The job; null: there is none of that name.</returns>
    public Job? Cancel(string id)
    {
        lock (gate)
        {
            if (!jobs.TryGetValue(id, out Job? job))
            {
                return null;
            }

            if (job.State == JobState.Queued)
            {
                Put(End(job, JobState.Cancelled, "cancelled before it began"), save: true);
                folder.RemoveModels(id);
            }
            else if (running is { } now && now.Id == id)
            {
                _ = now.Stop.CancelAsync(); // what follows waits for the child, which this lock must not
            }

            return jobs[id];
        }
    }

    /// <summary>The file of a finished job's result; null: it has none.</summary>
    public string? ResultOf(string id) => Find(id) is { State: JobState.Done } ? folder.ResultOf(id) : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Task change = ChangedAsync(stoppingToken);
            Job? next = All().FirstOrDefault(j => j.State == JobState.Queued);
            try
            {
                await (next is null ? change : MeasureAsync(next, stoppingToken)).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // whatever goes wrong with one measurement, inference and the other measurements go on
            {
                // The disk refuses even the state of a job, say. The job fails in memory.
                logger.JobStateNotKept(e, next?.Id ?? "");
                if (next is not null)
                {
                    Put(End(next, JobState.Failed, e.Message), save: false);
                }
            }
        }
    }

    private async Task MeasureAsync(Job job, CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using IDisposable turn = await turns.TakeAsync(stopping).ConfigureAwait(false); // a step of a probation may have it
        lock (gate)
        {
            if (jobs[job.Id].State != JobState.Queued)
            {
                return; // cancelled meanwhile
            }

            job = job with { State = JobState.Running, Started = time.GetUtcNow(), Attempts = job.Attempts + 1, Message = "starting", Progress = 0 };
            running = (job.Id, stop);
            Put(job, save: true);
        }

        long before = metrics.Count + metrics.Failed;
        try
        {
            using IDisposable? hold = job.Kind != JobKind.Costs && PowerSources.Chosen(settings.Measurement.Device) is not null
                ? power.Hold("a measurement has this sensor")
                : null;
            await MeasureProcess.RunAsync(Spec(job), settings.Measurement.JobTime, line => Advance(job.Id, line), stop.Token).ConfigureAwait(false);
            long disturbed = metrics.Count + metrics.Failed - before;
            Remark(folder.ResultOf(job.Id), disturbed);
            Finish(job.Id, JobState.Done, "measured", disturbed);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The state on disk says that it runs: the next start begins it again.
            throw;
        }
        catch (OperationCanceledException)
        {
            Finish(job.Id, JobState.Cancelled, "cancelled", null);
        }
        catch (InputException e)
        {
            Finish(job.Id, JobState.Failed, e.Message, null);
        }
        finally
        {
            lock (gate)
            {
                running = null;
            }
        }
    }

    private MeasureSpec Spec(Job job) => new(
        job.Request,
        settings.Measurement.DeviceFile,
        Math.Max(1, job.Request.Threads ?? settings.Threads),
        settings.Measurement.JobMemoryBytes,
        folder.ModelOf(job.Id, 0),
        job.Request.Other is null ? null : folder.ModelOf(job.Id, 1),
        Path.Combine(settings.DataFolder, "costs.sqlite"),
        folder.ResultOf(job.Id));

    private void Advance(string id, MeasureLine line)
    {
        lock (gate)
        {
            if (jobs.TryGetValue(id, out Job? job) && job.State == JobState.Running && !line.Failed)
            {
                // Progress is not kept on disk: after a restart it begins at its beginning.
                Put(job with { Progress = Math.Clamp(line.Progress, 0, 1), Message = Printable.Name(line.Message) }, save: false);
            }
        }
    }

    private void Finish(string id, JobState state, string message, long? disturbed)
    {
        lock (gate)
        {
            Put(End(jobs[id], state, message) with { DisturbedBy = disturbed }, save: true);
        }

        folder.RemoveModels(id);
    }

    private Job End(Job job, JobState state, string message) =>
        job with { State = state, Message = message, Ended = time.GetUtcNow(), Progress = state == JobState.Done ? 1 : job.Progress };

    private Job Interrupted(Job job) => job.Attempts >= MaxAttempts
        ? End(job, JobState.Failed, $"the agent has ended {MaxAttempts} times while this was measured")
        : job with { State = JobState.Queued, Message = "interrupted by the agent's end; it begins again" };

    // Whoever reads the result alone must know as well.
    private static void Remark(string path, long disturbed)
    {
        if (disturbed <= 0)
        {
            return;
        }

        var document = JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject;
        if ((document?["warnings"] ?? document?["notes"]) is JsonArray remarks)
        {
            remarks.Add((JsonNode)$"{disturbed} inference {(disturbed == 1 ? "request was" : "requests were")} answered while this was measured, which disturbs it");
            AtomicFile.WriteText(path, document!.ToJsonString(DocumentJson.Options));
        }
    }

    private void RemoveOld()
    {
        lock (gate)
        {
            foreach (Job old in jobs.Values.Where(j => j.HasEnded()).SkipLast(MaxEnded - 1).ToList())
            {
                jobs.Remove(old.Id);
                folder.Remove(old.Id);
            }
        }
    }

    private void Put(Job job, bool save)
    {
        lock (gate)
        {
            if (save)
            {
                folder.Save(job);
            }

            jobs[job.Id] = job;
            TaskCompletionSource done = changed;
            changed = Signal();
            done.TrySetResult();
        }
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
