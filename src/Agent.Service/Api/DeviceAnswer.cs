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
internal sealed record DeviceAnswer(string Name, string DeviceClass, string ModelName, string Version, string Architecture, string OperatingSystem, int Processors, long MemoryBytes, long RootVersion);
