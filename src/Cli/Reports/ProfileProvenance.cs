
namespace EdgePrune.Cli.Reports;

/// <summary>What must be said wherever energies are shown that no power sensor has seen.</summary>
internal static class ProfileProvenance
{
    /// <summary>One sentence; null where the energies are measured.</summary>
    public static string? Remark(ProfileDocument document) => document.Provenance switch
    {
        "modelled" => $"Energies are modelled, not measured: no power sensor and no calibrated counters were used. They follow from times, MACs and bytes by {document.ProvenanceSource}.",
        "counted" => $"Energies are counted, not measured: hardware counters through a model ({document.ProvenanceSource}).",
        "simulated" => $"Energies are simulated: they come from a simulated part ({document.ProvenanceSource}), not from a board.",
        _ => null,
    };
}
