using EdgePrune.Agent.Service.Power;
using EdgePrune.Profiler.Devices;

namespace EdgePrune.Agent.Service.Api;

/// <param name="Name">The machine's name.</param>
/// <param name="DeviceClass">What bundles must name.</param>
/// <param name="ModelName">Which model it runs.</param>
/// <param name="Version">The agent's.</param>
/// <param name="Architecture">Of the processor.</param>
/// <param name="OperatingSystem">In words.</param>
/// <param name="Processors">Logical processors.</param>
/// <param name="MemoryBytes">What the process may use.</param>
/// <param name="RootVersion">Of the root in force.</param>
/// <param name="BundleVersion">Of the newest bundle that was accepted for its model; 0: none was.</param>
/// <param name="Device">Name of the board's device file.</param>
/// <param name="Board">The board in words.</param>
/// <param name="Budgets">What a loop aims at where its user says nothing, in percent.</param>
/// <param name="Sensors">What tells the board's power.</param>
internal sealed record DeviceAnswer(
    string Name,
    string DeviceClass,
    string ModelName,
    string Version,
    string Architecture,
    string OperatingSystem,
    int Processors,
    long MemoryBytes,
    long RootVersion,
    long BundleVersion,
    string Device,
    string Board,
    DefaultBudgets Budgets,
    IReadOnlyList<SensorAnswer> Sensors);
