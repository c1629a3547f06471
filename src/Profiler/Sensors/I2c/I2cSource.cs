using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>Makes a power source of a part that converts on its own clock.</summary>
internal static class I2cSource
{
    /// <summary>Asks the part for one register, so that a part that is not there is known before a window is opened.</summary>
    /// <exception cref="SensorException">Nothing answers at the address; the bus is closed again.</exception>
    public static SampledPowerSource Create(
        I2cRegisters registers, IConverter converter, IReadOnlyList<PowerRail> rails, PowerTraits traits, PowerSourceContext context)
    {
        try
        {
            registers.Read(0);
        }
        catch (SensorException)
        {
            registers.Dispose();
            throw;
        }

        Provenance provenance = context.SimulatedBoard is { } board ? Provenance.Simulated(board) : Provenance.Measured(registers.Name);
        return new SampledPowerSource(
            registers.Name, provenance, rails, traits, new ConversionPoller(converter, context.Clock), context.Scheduler, context.Clock);
    }
}
