namespace EdgePrune.Agent.Service.Power;

/// <summary>The board's power, over about a second.</summary>
/// <param name="Time">When.</param>
/// <param name="Watts">The whole board; null where nothing was read.</param>
/// <param name="Provenance">measured, counted, modelled or simulated.</param>
/// <param name="Source">The sensor or the coefficients.</param>
/// <param name="Rails">Each rail that the sensor has.</param>
/// <param name="Remark">Why nothing was read, or null.</param>
internal sealed record PowerReading(DateTimeOffset Time, double? Watts, string Provenance, string Source, IReadOnlyList<RailReading> Rails, string? Remark);

/// <param name="Name">The board's name of the rail.</param>
/// <param name="Watts">Mean power.</param>
internal sealed record RailReading(string Name, double Watts);
