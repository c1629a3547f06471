using EdgePrune.Agent.Fleet;
using EdgePrune.Agent.Service.Deployments;
using EdgePrune.Onnx;

namespace EdgePrune.Agent.Service.DialOut;

/// <summary>
/// Does what the controller wants of this device: fetches the bundle of the newest revision, deploys it like any other,
/// on probation, and tells what became of it. Where gates were signed with the bundle the agent decides by them; otherwise somebody
/// has to, in time. A revision that is not newer than one deployed here before is refused, so
/// a controller that has been set back cannot set devices back.
/// </summary>
internal sealed class DesiredStateService(ControllerClient controller, DeploymentManager manager, string folder, long maxBundleBytes, TimeProvider time, ILogger<DesiredStateService> logger)
    : BackgroundService
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly ChangeSignal followed = new();
    private readonly RevisionJournal journal = new(manager.Journal.Read);
    private ResultReport? outcome; // of a revision of which the journal knows nothing
    private ResultReport? told;
    private long current;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        Directory.CreateDirectory(folder);
        foreach (string left in Directory.GetFiles(folder))
        {
            File.Delete(left);
        }

        Task telling = RepeatAsync(TellAsync, stoppingToken);
        await RepeatAsync(FollowAsync, stoppingToken).ConfigureAwait(false);
        await telling.ConfigureAwait(false);
    }

    /// <summary>Does one step again and again; after a failure not at once.</summary>
    private async Task RepeatAsync(Func<CancellationToken, Task> step, CancellationToken stoppingToken)
    {
        TimeSpan pause = Soon;
        string said = "";
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (controller.Token == 0)
                {
                    await Task.Delay(Soon, time, stoppingToken).ConfigureAwait(false);
                    continue;
                }

                await step(stoppingToken).ConfigureAwait(false);
                (pause, said) = (Soon, "");
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or StaleLeaseException or InputException or System.Text.Json.JsonException or OperationCanceledException)
            {
                // The connection takes the next lease; what was not done is done then.
                if (said != e.Message)
                {
                    said = e.Message;
                    logger.NotYet(said);
                }

                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        DesiredAnswer? wanted = await controller.DesiredAsync(Volatile.Read(ref current), cancellationToken).ConfigureAwait(false);
        if (wanted is null || wanted.Revision <= current)
        {
            return;
        }

        if (journal.Find(wanted.Revision) is null)
        {
            await DeployAsync(wanted, cancellationToken).ConfigureAwait(false);
        }

        Volatile.Write(ref current, wanted.Revision);
        followed.Notify();
    }

    private async Task DeployAsync(DesiredAnswer wanted, CancellationToken cancellationToken)
    {
        long highest = journal.Highest;
        if (wanted.Revision < highest)
        {
            outcome = new ResultReport(wanted.Revision, "refused", null, $"revision {highest} has been deployed here before, and this device does not go back");
            return;
        }

        while (journal.IsBusy)
        {
            await Task.Delay(Soon, time, cancellationToken).ConfigureAwait(false);
        }

        string path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await using (file.ConfigureAwait(false))
        {
            try
            {
                await controller.FetchAsync(wanted, maxBundleBytes, file, cancellationToken).ConfigureAwait(false);
                file.Position = 0;
                string id = await manager.DeployAsync(file, new DeployOrder(RevisionNote.Of(wanted.Revision), Decides: null, AllowBad: false), cancellationToken).ConfigureAwait(false);
                outcome = new ResultReport(wanted.Revision, "committed", id, "this model was in service already"); // unless the journal knows better
            }
            catch (InputException e)
            {
                outcome = new ResultReport(wanted.Revision, "refused", null, e.Message.Length > 1000 ? e.Message[..1000] : e.Message);
            }
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        // Asked for before the journal is read, so that no change comes in between.
        Task change = Task.WhenAny(manager.Changes.Next, followed.Next);
        long revision = Volatile.Read(ref current);
        ResultReport? known = revision == 0 ? null : journal.Find(revision) ?? (outcome?.Revision == revision ? outcome : null);
        if (known is not null && known != told)
        {
            await controller.ReportAsync(known, cancellationToken).ConfigureAwait(false);
            told = known;
        }

        // A model that was kept may still be rolled back by hand, much later.
        bool ended = told?.Revision == revision && told.State is "committed" or "refused" or "rolled-back";
        await change.WaitAsync(revision == 0 || !ended ? Soon : Later, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
