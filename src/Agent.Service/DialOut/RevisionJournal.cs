using EdgePrune.Agent.Fleet;
using EdgePrune.Agent.Store;
using System.Text.Json;

namespace EdgePrune.Agent.Service.DialOut;

/// <summary>
/// What has become of the controller's revisions. The store's journal is the only memory: a revision's number stands in
/// the note of its deployment, so a kill at any moment leaves nothing that could disagree with what really happened.
/// </summary>
internal sealed class RevisionJournal(Func<IReadOnlyList<JournalEntry>> history)
{
    private const int MaxAttempts = 3;

    /// <summary>The highest revision that was ever deployed here; 0: none.</summary>
    public long Highest => history().Select(e => RevisionNote.Read(e.Note)).Max() ?? 0;

    /// <summary>Whether a deployment, of whatever origin, is still undecided.</summary>
    public bool IsBusy => history() is [.., var last] && last.State.IsLive();

    /// <summary>How the newest deployment of a revision stands; null: it has not been deployed, or only an interruption has ended it so far.</summary>
    public ResultReport? Find(long revision)
    {
        IGrouping<string, JournalEntry>[] attempts = [.. history().Where(e => RevisionNote.Read(e.Note) == revision).GroupBy(e => e.Deployment)];
        if (attempts.Length == 0)
        {
            return null;
        }

        JournalEntry last = attempts[^1].Last();
        bool interrupted = !last.State.IsLive() && last.Reason == ModelStore.InterruptedReason;
        return interrupted && attempts.Length < MaxAttempts
            ? null
            : new ResultReport(revision, JsonSerializer.SerializeToElement(last.State).GetString()!, last.Deployment, last.Reason is { Length: > 1000 } long_ ? long_[..1000] : last.Reason);
    }
}
