namespace EdgePrune.Profiler.Sensors.Ina219;

/// <summary>The bus voltage register (SBOS448G, section 8.6.3.2).</summary>
/// <param name="Register">As the part gave it.</param>
public readonly record struct Ina219BusReading(ushort Register)
{
    /// <summary>Bus voltage in steps of 4 mV.</summary>
    public int Steps => Register >> 3;

    /// <summary>Bus voltage in volts, between the part's pin VIN− and ground.</summary>
    public double Volts => Steps * Ina219Driver.BusStepVolts;

    /// <summary>CNVR: a round of conversions has ended since the flag was cleared by reading the power register.</summary>
    public bool IsReady => (Register & 2) != 0;

    /// <summary>OVF: current or power went beyond what their registers hold.</summary>
    public bool HasOverflow => (Register & 1) != 0;
}
