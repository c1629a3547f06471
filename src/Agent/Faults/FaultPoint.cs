using System.Collections.Immutable;

namespace EdgePrune.Agent.Faults;

/// <summary>The names of the steps at which a deployment can be made to fail; each is hit just after its step.</summary>
public static class FaultPoint
{
    public const string ObjectCreated = "store.object.created";
    public const string ObjectWritten = "store.object.written";
    public const string ObjectFlushed = "store.object.flushed";
    public const string ObjectRenamed = "store.object.renamed";
    public const string ObjectSynced = "store.object.synced";
    public const string ObjectCollected = "store.object.collected";
    public const string PointerCreated = "store.pointer.created";
    public const string PointerRenamed = "store.pointer.renamed";
    public const string PointerSynced = "store.pointer.synced";
    public const string PointerRemoved = "store.pointer.removed";
    public const string JournalWritten = "store.journal.written";
    public const string JournalFlushed = "store.journal.flushed";
    public const string JournalSetAside = "store.journal.set-aside";
    public const string JournalShortened = "store.journal.shortened";
    public const string RecoveryBegun = "store.recovery.begun";
    public const string RecoveryJournalled = "store.recovery.journalled";
    public const string RecoveryFinished = "store.recovery.finished";
    public const string Received = "deploy.received";
    public const string Verified = "deploy.verified";
    public const string Staged = "deploy.staged";
    public const string Preflight = "deploy.preflight";
    public const string Switched = "deploy.switched";
    public const string Probation = "deploy.probation";
    public const string Committed = "deploy.committed";
    public const string RolledBack = "deploy.rolled-back";
    public const string Refused = "deploy.refused";

    /// <summary>Every name, so that a test can go through all of them and miss none.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        ObjectCreated, ObjectWritten, ObjectFlushed, ObjectRenamed, ObjectSynced, ObjectCollected,
        PointerCreated, PointerRenamed, PointerSynced, PointerRemoved,
        JournalWritten, JournalFlushed, JournalSetAside, JournalShortened,
        RecoveryBegun, RecoveryJournalled, RecoveryFinished,
        Received, Verified, Staged, Preflight, Switched, Probation, Committed, RolledBack, Refused,
    ];
}
