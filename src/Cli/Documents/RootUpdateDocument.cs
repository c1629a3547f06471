using EdgePrune.Agent.Trust;

namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>keys root make</c>, <c>sign</c> and <c>join</c>.</summary>
/// <param name="Root">The next root.</param>
/// <param name="Complete">Whether a device would take it.</param>
/// <param name="SignedByPrevious">Root keys of the root in force that have signed.</param>
/// <param name="NeededByPrevious">How many of them must.</param>
/// <param name="SignedByItself">Its own root keys that have signed.</param>
/// <param name="NeededByItself">How many of them must.</param>
internal sealed record RootUpdateDocument(
    RootDocument Root, bool Complete, IReadOnlyList<string> SignedByPrevious, int NeededByPrevious, IReadOnlyList<string> SignedByItself, int NeededByItself)
{
    public static RootUpdateDocument Of(string file, RootUpdate update) => new(
        RootDocument.Of(file, update.Next), update.IsComplete,
        update.ByPrevious.Signers, update.ByPrevious.Threshold, update.ByItself.Signers, update.ByItself.Threshold);
}
