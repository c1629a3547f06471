namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>sensors --watch</c> and <c>--record</c>: what was seen.</summary>
/// <param name="Device">The device.</param>
/// <param name="Source">The source that was read.</param>
/// <param name="Provenance">measured, counted or simulated.</param>
/// <param name="Seconds">How long.</param>
/// <param name="Rails">What each rail carried.</param>
/// <param name="Recorded">The file that was written, or null.</param>
/// <param name="Rows">Lines in that file.</param>
internal sealed record SensorWatchDocument(
    string Device, string Source, string Provenance, double Seconds, IReadOnlyList<WatchedRail> Rails, string? Recorded, long? Rows);

/// <param name="Name">The board's name of it.</param>
/// <param name="Role">total, part or detail.</param>
/// <param name="Readings">New readings.</param>
/// <param name="MeanW">Mean of them; null where there was none.</param>
/// <param name="MinW">Least of them.</param>
/// <param name="MaxW">Largest of them.</param>
/// <param name="EnergyJ">Energy over the whole time.</param>
internal sealed record WatchedRail(string Name, string Role, long Readings, double? MeanW, double? MinW, double? MaxW, double EnergyJ);
