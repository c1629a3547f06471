using EdgePrune.Profiler.Sensors.Sampling;
using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>
/// A part that converts shunt and bus voltages again and again on a clock of its own and raises a flag after each round. All
/// calls come from one thread; <see cref="IsReady"/>, <see cref="TryRead"/> and <see cref="Emit"/> allocate nothing.
/// </summary>
internal interface IConverter
{
    I2cRegisters Registers { get; }

    /// <summary>Time of one round with the data sheet's typical conversion times.</summary>
    Seconds TypicalPeriod { get; }

    /// <summary>Identifies the part and configures it. Its last transfer starts the first round.</summary>
    void Prepare();

    /// <summary>Reads the flag: whether a round has ended since the flag was cleared. One transfer.</summary>
    bool IsReady();

    /// <summary>Reads what the round gave, and clears the flag where reading it did not.</summary>
    /// <returns>False where a register may have been overwritten by the next round: the round is lost.</returns>
    bool TryRead(in RoundEnd round);

    /// <summary>Gives up the round that <see cref="IsReady"/> found: clears the flag and nothing more.</summary>
    void Discard();

    /// <summary>Hands the last round to the sink, or the reason why it is worthless.</summary>
    /// <param name="end">When the round ended, since the window began.</param>
    /// <param name="scale">How much slower than typical the part converts.</param>
    void Emit(Seconds end, double scale, SampleSink sink);

    /// <summary>Reads back what <see cref="Prepare"/> wrote.</summary>
    /// <exception cref="SensorException">The part has lost its settings.</exception>
    void CheckSettings();
}
