namespace EdgePrune.Agent.Client;

/// <summary>What a device is.</summary>
/// <param name="Name">The machine's name.</param>
/// <param name="DeviceClass">What bundles must name.</param>
/// <param name="ModelName">Which model it runs.</param>
/// <param name="Version">The agent's.</param>
/// <param name="Architecture">Of the processor.</param>
/// <param name="Processors">Logical processors.</param>
/// <param name="BundleVersion">Of the newest bundle that it has accepted; 0: none.</param>
/// <param name="Device">Name of the board's device file.</param>
/// <param name="Board">The board in words.</param>
/// <param name="Budgets">What to aim at where nobody says.</param>
/// <param name="Sensors">What tells the board's power.</param>
public sealed record AgentDevice(
    string Name, string DeviceClass, string ModelName, string Version, string Architecture, int Processors, long BundleVersion, string Device, string? Board, AgentBudgets Budgets, IReadOnlyList<AgentSensor> Sensors);

/// <param name="EnergyPercent">Energy that may remain.</param>
/// <param name="LatencyPercent">Latency that may remain.</param>
/// <param name="AccuracyDropPoints">Percentage points that accuracy may fall.</param>
public sealed record AgentBudgets(double EnergyPercent, double LatencyPercent, double AccuracyDropPoints);

/// <param name="Name">Family of the sensor.</param>
/// <param name="Part">Part and place.</param>
/// <param name="Rail">The board's name of the rail.</param>
/// <param name="Status"><c>ok</c>, or why it cannot be read.</param>
/// <param name="Provenance">measured, counted, modelled or simulated.</param>
public sealed record AgentSensor(string Name, string Part, string? Rail, string Status, string? Provenance);

/// <summary>Which model serves.</summary>
/// <param name="Current">Its digest, or null.</param>
/// <param name="Previous">That of the one to roll back to, or null.</param>
public sealed record AgentModel(string? Current, string? Previous);

/// <summary>How far an upload has come.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Size">Bytes announced.</param>
/// <param name="Offset">Bytes that have come.</param>
public sealed record AgentUpload(string Id, long Size, long Offset);

/// <summary>A deployment.</summary>
/// <param name="Id">Its name.</param>
/// <param name="State">Where it stands, as the journal says it: probation, committed, rolled-back, refused…</param>
/// <param name="Digest">The model.</param>
/// <param name="Replaces">The model before, or null.</param>
/// <param name="Note">What was written about it.</param>
/// <param name="Steps">Oldest first.</param>
public sealed record AgentDeployment(string Id, string State, string Digest, string? Replaces, string? Note, IReadOnlyList<AgentDeploymentStep> Steps);

/// <param name="State">The state.</param>
/// <param name="Time">When it was reached.</param>
/// <param name="Reason">Why, where it ended.</param>
public sealed record AgentDeploymentStep(string State, DateTimeOffset Time, string? Reason);

/// <summary>A measurement on the device.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Kind">profile, costs or compare.</param>
/// <param name="State">queued, running, done, failed or cancelled.</param>
/// <param name="Progress">Share done, 0 to 1.</param>
/// <param name="Message">What is being done, or why it ended.</param>
/// <param name="DisturbedBy">Inference requests answered while it measured; null where that is not known.</param>
public sealed record AgentJob(string Id, string Kind, string State, double Progress, string Message, long? DisturbedBy)
{
    /// <summary>Whether nothing more will come of it.</summary>
    public bool HasEnded() => State is "done" or "failed" or "cancelled";
}

/// <summary>A measurement to ask for; see the agent's <c>POST /v1/jobs</c>.</summary>
/// <param name="Kind">profile, costs or compare.</param>
/// <param name="Model"><c>current</c>, <c>previous</c>, <c>sha256:…</c> or <c>upload:…</c>.</param>
/// <param name="Other">The model to compare with.</param>
/// <param name="Seconds">Time to spend.</param>
/// <param name="Shapes">Shapes of inputs with free dimensions.</param>
/// <param name="Seed">Of everything random.</param>
/// <param name="Threads">Inside one operator.</param>
/// <param name="Kinds">Kinds of units whose widths are swept.</param>
/// <param name="AllowInexact">Also units that no exact cut exists for.</param>
public sealed record AgentJobRequest(
    string Kind,
    string Model,
    string? Other = null,
    double? Seconds = null,
    IReadOnlyDictionary<string, long[]>? Shapes = null,
    int Seed = 0,
    int? Threads = null,
    IReadOnlyList<string>? Kinds = null,
    bool AllowInexact = false);

/// <param name="Kind">A word for programs.</param>
/// <param name="Message">What was wrong.</param>
internal sealed record AgentError(string Kind, string Message);
