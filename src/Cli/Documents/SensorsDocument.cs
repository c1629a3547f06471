namespace EdgePrune.Cli.Documents;

/// <summary>JSON of <c>sensors</c>.</summary>
/// <param name="Device">The device whose energies are asked for.</param>
/// <param name="Energy">Where the energies of that device come from.</param>
/// <param name="Found">Every source of power readings on the machine, usable or not.</param>
internal sealed record SensorsDocument(string Device, EnergyOrigin Energy, IReadOnlyList<FoundSensor> Found);

/// <param name="Kind">Family of the device's source, or <c>modelled</c>.</param>
/// <param name="Source">Part and place, or the file of the coefficients.</param>
/// <param name="Provenance">measured, counted, modelled or simulated, as every energy is marked; null where the source cannot be used.</param>
/// <param name="Rails">The rails that it has.</param>
/// <param name="Problem">Why the source that the device names cannot be used, or null.</param>
internal sealed record EnergyOrigin(string Kind, string Source, string? Provenance, IReadOnlyList<SensorRail> Rails, string? Problem);

/// <param name="Kind">Family, as device files call it.</param>
/// <param name="Name">Part and place.</param>
/// <param name="Usable">Whether it can be read now, by this user.</param>
/// <param name="Readout"><c>samples</c> or <c>energy_counter</c>.</param>
/// <param name="RateHz">New readings a second of each rail, or null where that is not known.</param>
/// <param name="AveragingMs">Time over which a reading averages, or null where the source does not say.</param>
/// <param name="StalenessMs">The oldest that a reading can be.</param>
/// <param name="ResolutionMw">Smallest step of the sum, or null where the source does not say.</param>
/// <param name="Rails">Its rails and what they are to the sum.</param>
/// <param name="Problem">Why it cannot be used.</param>
/// <param name="Fix">What to do about that, or what to know about its figures.</param>
/// <param name="DeviceFile">Lines for a device file that make it the device's source.</param>
internal sealed record FoundSensor(
    string Kind,
    string Name,
    bool Usable,
    string? Readout,
    double? RateHz,
    double? AveragingMs,
    double? StalenessMs,
    double? ResolutionMw,
    IReadOnlyList<SensorRail> Rails,
    string? Problem,
    string? Fix,
    string? DeviceFile);

/// <param name="Name">The board's name of it.</param>
/// <param name="Role">total, part or detail.</param>
internal sealed record SensorRail(string Name, string Role);
