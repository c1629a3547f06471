namespace EdgePrune.Cli.Documents;

/// <summary>A plan that was cut and measured. Shares are of the original, 0 to 1.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Aim">Energy that was planned for.</param>
/// <param name="PredictedShare">Energy that the table expects.</param>
/// <param name="PredictedLatencyShare">Latency that the table expects.</param>
/// <param name="MeasuredShare">Energy as measured.</param>
/// <param name="Calibration">Measured over predicted: what the next round's aim is corrected by.</param>
/// <param name="Met">Whether the measurement keeps the budget.</param>
/// <param name="IsCheapest">Whether the table knows nothing cheaper.</param>
/// <param name="Removed">Units removed.</param>
/// <param name="LostImportance">Sum of their scores.</param>
/// <param name="Units">SHA-256 of the units, to know a plan again.</param>
/// <param name="LatencyRatio">After over before, with its interval.</param>
/// <param name="EnergyRatio">After over before, with its interval.</param>
/// <param name="Before">The original.</param>
/// <param name="After">The candidate.</param>
/// <param name="Model">The candidate's file.</param>
/// <param name="Plan">Its plan's file.</param>
internal sealed record LoopRound(
    int Round,
    double Aim,
    double PredictedShare,
    double PredictedLatencyShare,
    double MeasuredShare,
    double Calibration,
    bool Met,
    bool IsCheapest,
    int Removed,
    double LostImportance,
    string Units,
    Figure LatencyRatio,
    Figure EnergyRatio,
    MeasuredModel Before,
    MeasuredModel After,
    string Model,
    string Plan);
