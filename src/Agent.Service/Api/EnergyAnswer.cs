namespace EdgePrune.Agent.Service.Api;

/// <param name="Joules">Of the board, for one inference.</param>
/// <param name="Provenance">Measured, counted, modelled or simulated.</param>
internal sealed record EnergyAnswer(double Joules, string Provenance);
