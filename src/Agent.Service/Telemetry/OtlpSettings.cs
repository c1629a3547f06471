namespace EdgePrune.Agent.Service.Telemetry;

/// <summary>Where metrics are sent to.</summary>
/// <param name="Endpoint">The collector's address, for example <c>http://collector:4318</c>; <c>/v1/metrics</c> is added.</param>
/// <param name="Headers">Headers of each request, <c>name=value</c> with commas between; null: none.</param>
/// <param name="Interval">The time between two reports.</param>
internal sealed record OtlpSettings(Uri Endpoint, string? Headers, TimeSpan Interval);
