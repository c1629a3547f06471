namespace EdgePrune.Profiler.Tests.Sensors.I2c.Rig;

/// <summary>What I2cRig says on standard output.</summary>
internal sealed record RigReport(
    string? Error,
    string? ErrorType,
    int? ErrorNumber,
    string? Invalid,
    double Duration,
    IReadOnlyList<double> Energy,
    int Samples,
    long Rounds,
    long Seen,
    long Requests,
    long Messages,
    long Allocated,
    IReadOnlyList<string> Found);
