namespace EdgePrune.Profiler.Sensors;

/// <summary>One supply line that a source reports.</summary>
/// <param name="Name">The board's own name of the line, for example VDD_IN.</param>
/// <param name="Role">
/// Whether it is summed. A sum is taken from the one total rail or from disjoint rails, never from both: others have counted
/// rails twice that way.
/// </param>
public sealed record PowerRail(string Name, RailRole Role)
{
    /// <summary>The rails whose sum is the board's power: the total, or else every part.</summary>
    /// <returns>Indices into <paramref name="rails"/>; empty where the list has details only.</returns>
    /// <exception cref="ArgumentException">More than one rail claims to be the total.</exception>
    public static IReadOnlyList<int> Summed(IReadOnlyList<PowerRail> rails)
    {
        ArgumentNullException.ThrowIfNull(rails);
        int[] totals = [.. Enumerable.Range(0, rails.Count).Where(i => rails[i].Role == RailRole.Total)];
        return totals.Length switch
        {
            0 => [.. Enumerable.Range(0, rails.Count).Where(i => rails[i].Role == RailRole.Part)],
            1 => totals,
            _ => throw new ArgumentException($"{totals.Length} rails claim to be the total", nameof(rails)),
        };
    }
}
