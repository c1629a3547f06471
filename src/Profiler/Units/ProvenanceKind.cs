namespace EdgePrune.Profiler.Units;

public enum ProvenanceKind
{
    /// <summary>Read from a power or energy sensor.</summary>
    Measured,

    /// <summary>Hardware counters through a calibrated model.</summary>
    Counted,

    /// <summary>Coefficients of a device file; no sensor was read.</summary>
    Modelled,

    /// <summary>A simulated part, for tests of the pipeline.</summary>
    Simulated,
}
