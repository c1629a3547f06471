namespace EdgePrune.Agent.Service.Api;

/// <param name="Current">The model in service; null: none.</param>
/// <param name="Previous">The one before it; null: none has served since the start.</param>
/// <param name="Running">Requests that are being run.</param>
/// <param name="Waiting">Requests that wait for their turn.</param>
/// <param name="Concurrency">How many run at a time.</param>
internal sealed record InferenceStatsAnswer(ModelStatsAnswer? Current, ModelStatsAnswer? Previous, int Running, int Waiting, int Concurrency);
