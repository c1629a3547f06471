namespace EdgePrune.Profiler.Simulation.Parts;

/// <summary>How a real converter differs from the data sheet's typical one. All zero: an ideal part.</summary>
public sealed record ConverterErrors
{
    /// <summary>Conversion times against typical ones; data sheets allow up to 1.1.</summary>
    public double TimeFactor { get; init; } = 1;

    /// <summary>Relative error of the shunt voltage, for example 0.005.</summary>
    public double ShuntGain { get; init; }

    /// <summary>Offset of the shunt voltage in volts.</summary>
    public double ShuntOffset { get; init; }

    /// <summary>Relative error of the bus voltage.</summary>
    public double BusGain { get; init; }

    /// <summary>Offset of the bus voltage in volts.</summary>
    public double BusOffset { get; init; }

    /// <summary>Standard deviation of one shunt conversion in volts.</summary>
    public double ShuntNoise { get; init; }

    /// <summary>Standard deviation of one bus conversion in volts.</summary>
    public double BusNoise { get; init; }

    /// <summary>Seed of the noise.</summary>
    public int Seed { get; init; }
}
