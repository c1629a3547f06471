using System.Globalization;
using System.Security.Cryptography;
using EdgePrune.Agent.Bundles;
using EdgePrune.Agent.Client;
using EdgePrune.Agent.Signing;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Output;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Files;

namespace EdgePrune.Cli.Loop.Boards;

/// <summary>
/// A board behind an agent. Measurements are jobs there, on models that are sent to be measured and never serve; what is to serve is
/// signed and sent as a bundle.
/// </summary>
internal sealed class AgentBoard : ILoopBoard
{
    private static readonly TimeSpan BundleLife = TimeSpan.FromDays(30);
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(10);
    private readonly LoopOptions options;
    private readonly RemoteBoard remote;
    private readonly RunFolder run;
    private readonly Reporter reporter;
    private readonly CancellationToken cancel;
    private readonly AgentClient client;
    private readonly Dictionary<string, string> uploads = new(StringComparer.Ordinal);
    private readonly string uploadsFile;

    public AgentBoard(LoopOptions options, RemoteBoard remote, RunFolder run, Reporter reporter, CancellationToken cancel)
    {
        this.options = options;
        this.remote = remote;
        this.run = run;
        this.reporter = reporter;
        this.cancel = cancel;
        client = AgentClient.Open(remote.Address, remote.Keys);
        uploadsFile = run.PathOf("uploads.txt");
        Forget();
    }

    public string? Agent => client.Address.ToString();

    public ProfileDocument TakeProfile(OnnxModel model) =>
        ProfileReader.Parse(Measure("profiling", Request("profile", Named(options.Model)) with { Seconds = options.ProfileSeconds }), "the agent's profile") with
        {
            Model = Path.GetFileName(options.Model),
        };

    public CostTableDocument MeasureCosts(OnnxModel model) =>
        CostTableReader.Parse(
            Measure("measuring costs", Request("costs", Named(options.Model)) with
            {
                Seconds = options.SweepSeconds,
                Kinds = options.Coupling.Kinds is { } kinds ? [.. kinds.Select(UnitWords.Of)] : null,
                AllowInexact = options.Coupling.AllowInexact,
            }),
            "the agent's cost table");

    public ComparisonDocument Compare(string candidate, string title) => Compare(title, Named(options.Model), Named(candidate));

    public IBoardTrial BeginTrial(string candidate, string note)
    {
        string original = Digest(options.Model);
        AgentDeployment? left = Undecided();
        if (left is not null && left.Digest == original && left.Replaces is null)
        {
            // A loop that was killed had just brought it here, so that there is something to go back to.
            Wait(client.CommitAsync(left.Id, cancel));
            left = null;
        }
        else if (left is null && Wait(client.GetModelAsync(cancel)).Current is null)
        {
            Wait(client.CommitAsync(Deploy(options.Model, "original", "the original, before a pruned model is tried").Id, cancel));
        }

        string digest = Digest(candidate);
        if (left is not null && left.Digest != digest)
        {
            throw new InputException($"another model, {Figures.Digest(left.Digest)}, is on probation at {client.Address} (deployment {left.Id}); decide about it, or wait until the agent does");
        }

        return new Trial(this, left ?? Kept(digest) ?? Deploy(candidate, "candidate", note));
    }

    public void Dispose()
    {
        Forget();
        client.Dispose();
    }

    // Agents hold few uploads; what a loop that was killed has left there would be in its own way.
    private void Forget()
    {
        if (!File.Exists(uploadsFile))
        {
            return;
        }

        using var late = new CancellationTokenSource(Goodbye);
        foreach (string upload in File.ReadAllLines(uploadsFile))
        {
            TryQuietly(() => client.DeleteModelAsync(upload, late.Token));
        }

        File.Delete(uploadsFile);
    }

    private AgentDeployment? Undecided() => Wait(client.GetDeploymentsAsync(cancel)) is [.., { State: "probation" } last] ? last : null;

    // Serving already: a loop that was killed had kept it a moment before it could write that down.
    private AgentDeployment? Kept(string digest) => Wait(client.GetModelAsync(cancel)).Current == digest
        ? Wait(client.GetDeploymentsAsync(cancel)).LastOrDefault(d => d.State == "committed" && d.Digest == digest)
        : null;

    private AgentDeployment Deploy(string model, string name, string note) =>
        reporter.Step($"deploying the {name}", progress =>
        {
            string bundle = run.PathOf($"{name}.bundle");
            string canaries = run.PathOf($"{name}.canaries.npz");
            List<BundleFile> files = [new("model.onnx", ResourceRole.Model, model)];
            bool tells = LoopCanaries.TryWrite(canaries, model, options, out string problem);
            if (tells)
            {
                files.Add(new BundleFile("canary.npz", ResourceRole.Canary, canaries));
            }
            else
            {
                reporter.Note($"the {name} is sent without canaries: {problem}");
            }

            AgentDevice device = Wait(client.GetDeviceAsync(cancel));
            using (var key = SigningKey.Load(remote.BundleKey))
            {
                DateTimeOffset now = TimeProvider.System.GetUtcNow();
                var manifest = new BundleManifest
                {
                    Name = device.ModelName,
                    Version = device.BundleVersion + 1,
                    Issued = now,
                    Expires = now + BundleLife,
                    DeviceClasses = [device.DeviceClass],
                    Resources = [],
                    Gates = tells ? LoopCanaries.Gates : null,
                };
                BundleWriter.Write(bundle, manifest, files, [key]);
            }

            progress.Report(new StepProgress(0.1, "sending"));
            string upload = Wait(client.UploadBundleAsync(bundle, new Sending(progress), cancel));
            progress.Report(new StepProgress(0.9, "trying it out"));
            try
            {
                return Wait(client.DeployAsync(upload, note, cancel));
            }
            catch (AgentException e) when (e.Failure == AgentFailure.Refused)
            {
                using var late = new CancellationTokenSource(Goodbye);
                TryQuietly(() => client.DeleteBundleAsync(upload, late.Token)); // agents hold few
                throw;
            }
        });

    private ComparisonDocument Compare(string title, string first, string second) =>
        ComparisonDocument.Parse(Measure(title, Request("compare", first) with { Other = second, Seconds = options.CompareSeconds }), "the agent's comparison");

    private AgentJobRequest Request(string kind, string model) => new(
        kind, model, Shapes: options.Shapes, Seed: options.Seed, Threads: options.Session.Threads);

    private byte[] Measure(string title, AgentJobRequest request) => reporter.Step(title, progress =>
    {
        AgentJob job = Wait(client.StartJobAsync(request, cancel));
        try
        {
            AgentJob ended = Wait(client.WaitForJobAsync(job.Id, now => progress.Report(new StepProgress(now.Progress, now.State == "queued" ? "waiting for the board" : now.Message)), cancel));
            if (ended.State != "done")
            {
                throw new AgentException(AgentFailure.Refused, $"{title} on {client.Address} {(ended.State == "cancelled" ? "was cancelled there" : "failed")}: {ended.Message}");
            }
        }
        catch (OperationCanceledException)
        {
            using var late = new CancellationTokenSource(Goodbye);
            TryQuietly(() => client.CancelJobAsync(job.Id, late.Token));
            throw;
        }

        return Wait(client.GetJobResultAsync(job.Id, cancel));
    });

    // A model that the store has needs no sending.
    private string Named(string path)
    {
        string digest = Digest(path);
        AgentModel serving = Wait(client.GetModelAsync(cancel));
        if (digest == serving.Current || digest == serving.Previous)
        {
            return digest;
        }

        if (!uploads.TryGetValue(digest, out string? upload))
        {
            foreach (string old in uploads.Where(u => u.Key != Digest(options.Model)).Select(u => u.Key).ToList())
            {
                // Agents hold few; a candidate of a former round is not needed any more.
                Wait(client.DeleteModelAsync(uploads[old], cancel));
                uploads.Remove(old);
            }

            upload = reporter.Step("sending the model", progress => Wait(client.UploadModelAsync(path, new Sending(progress), cancel)));
            uploads[digest] = upload;
            AtomicFile.WriteText(uploadsFile, string.Join('\n', uploads.Values));
        }

        return "upload:" + upload;
    }

    private static string Digest(string path)
    {
        using FileStream file = File.OpenRead(path);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static void TryQuietly(Func<Task> work)
    {
        try
        {
            work().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is AgentException or OperationCanceledException or InputException)
        {
            // On the way out; the agent tidies up by itself.
        }
    }

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static void Wait(Task task) => task.GetAwaiter().GetResult();

    private sealed class Sending(IProgress<StepProgress> progress) : IProgress<double>
    {
        public void Report(double value) =>
            progress.Report(new StepProgress(value, string.Create(CultureInfo.InvariantCulture, $"{value * 100:F0} % sent")));
    }

    private sealed class Trial(AgentBoard board, AgentDeployment deployment) : IBoardTrial
    {
        private bool decided;

        public ComparisonDocument Compare() => board.Compare("measuring again", board.Named(board.options.Model), deployment.Digest);

        public DeployedModel Commit()
        {
            Wait(board.client.CommitAsync(deployment.Id, board.cancel));
            return Decided();
        }

        public DeployedModel RollBack(string reason)
        {
            if (deployment.State == "committed")
            {
                Wait(board.client.RollBackToPreviousAsync(reason, board.cancel));
            }
            else
            {
                Wait(board.client.RollBackAsync(deployment.Id, reason, board.cancel));
            }

            return Decided();
        }

        public void Dispose()
        {
            if (!decided && deployment.State != "committed")
            {
                using var late = new CancellationTokenSource(Goodbye);
                TryQuietly(() => board.client.RollBackAsync(deployment.Id, "the loop has ended undecided", late.Token));
            }
        }

        private DeployedModel Decided()
        {
            decided = true;
            return new DeployedModel(Wait(board.client.GetModelAsync(board.cancel)).Current ?? deployment.Digest, board.client.Address.ToString());
        }
    }
}
