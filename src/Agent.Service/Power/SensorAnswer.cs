namespace EdgePrune.Agent.Service.Power;

/// <summary>What tells the board's power.</summary>
/// <param name="Name">Family, as device files call it.</param>
/// <param name="Part">Part and place, or the coefficients.</param>
/// <param name="Rail">The board's name of the rail; null where there are none.</param>
/// <param name="Status"><c>ok</c>, or why it cannot be read.</param>
/// <param name="Provenance">measured, counted, modelled or simulated; null where it cannot be read.</param>
internal sealed record SensorAnswer(string Name, string Part, string? Rail, string Status, string? Provenance);
