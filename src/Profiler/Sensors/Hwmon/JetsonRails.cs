using EdgePrune.Profiler.Sensors.Sysfs;

namespace EdgePrune.Profiler.Sensors.Hwmon;

/// <summary>
/// What the rails of NVIDIA's modules are to their sum. Labels are compared whole: a search for "CPU" would book VDD_CPU_GPU_CV,
/// which feeds the GPU as well, as the processor's.
/// </summary>
internal static class JetsonRails
{
    // The whole module (Orin Nano and NX, Xavier NX) or board (Nano): everything else is inside.
    private static readonly string[] Totals = ["VDD_IN", "POM_5V_IN"];

    // Disjoint shares of a module without a total rail: AGX Xavier, then AGX Orin.
    private static readonly string[] Parts = ["GPU", "CPU", "SOC", "CV", "VDDRQ", "SYS5V", "VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0"];

    // Fed by another rail of the list: the memory's converter hangs on VIN_SYS_5V0.
    private static readonly string[] Details = ["VDDQ_VDD2_1V8AO", "VDD_CPU_GPU_CV", "VDD_SOC", "POM_5V_GPU", "POM_5V_CPU"];

    public static bool Knows(string? label) => label is not null && (Contains(Totals, label) || Contains(Parts, label) || Contains(Details, label));

    /// <summary>Roles of channels that are listed together.</summary>
    /// <returns>One role a channel; parts where no label is known.</returns>
    public static IReadOnlyList<RailRole> Roles(IReadOnlyList<SysfsChannel> channels)
    {
        SysfsChannel? total = channels.FirstOrDefault(c => c.Label is { } label && Contains(Totals, label));
        return [.. channels.Select(c =>
            ReferenceEquals(c, total) ? RailRole.Total
            : total is not null || (c.Label is { } label && Contains(Details, label)) ? RailRole.Detail
            : RailRole.Part)];
    }

    private static bool Contains(string[] labels, string label) => labels.Contains(label, StringComparer.OrdinalIgnoreCase);
}
