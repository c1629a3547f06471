namespace EdgePrune.Profiler.Units;

/// <summary>Where a figure comes from. A modelled figure is never shown as if it were measured.</summary>
/// <param name="Kind">How the figure was obtained.</param>
/// <param name="Source">The sensor, the counters or the device file that it rests on.</param>
public sealed record Provenance(ProvenanceKind Kind, string Source)
{
    public static Provenance Measured(string sensor) => new(ProvenanceKind.Measured, sensor);

    public static Provenance Counted(string counters) => new(ProvenanceKind.Counted, counters);

    public static Provenance Modelled(string coefficients) => new(ProvenanceKind.Modelled, coefficients);

    public static Provenance Simulated(string scenario) => new(ProvenanceKind.Simulated, scenario);

    /// <summary>The word used in every report and in JSON: measured, counted, modelled or simulated.</summary>
    public string Word => Kind switch
    {
        ProvenanceKind.Measured => "measured",
        ProvenanceKind.Counted => "counted",
        ProvenanceKind.Modelled => "modelled",
        ProvenanceKind.Simulated => "simulated",
        _ => throw new InvalidOperationException($"no word for provenance {Kind}"),
    };

    public override string ToString() => $"{Word} ({Source})";
}
