using System.Globalization;

namespace EdgePrune.Agent.Fleet;

/// <summary>
/// How a deployment's note tells which revision of the controller it carries out. The journal is a device's only memory of them: nothing
/// can then disagree with what really happened.
/// </summary>
public static class RevisionNote
{
    private const string Mark = "controller revision ";

    /// <summary>The note of a revision's deployment.</summary>
    public static string Of(long revision) => Mark + revision.ToString(CultureInfo.InvariantCulture);

    /// <summary>The revision that a note ends with; null: it names none.</summary>
    public static long? Read(string? note)
    {
        int at = note?.LastIndexOf(Mark, StringComparison.Ordinal) ?? -1;
        return at >= 0 && long.TryParse(note.AsSpan(at + Mark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long revision) ? revision : null;
    }
}
