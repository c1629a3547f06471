namespace EdgePrune.Profiler.Timing;

/// <summary>Runs of one layer in one round, to be read when the machine's best speed is known.</summary>
/// <param name="Loop">The loop, null where the layer cannot be timed. It need not be open any more.</param>
/// <param name="Runs">Its runs.</param>
internal sealed record LayerReading(LayerLoop? Loop, IReadOnlyList<PacedRun> Runs)
{
    /// <summary>Seconds of one execution at the best speed, the runtime's dispatch included; NaN where the layer cannot be timed.</summary>
    public PacedReading At(MachineSpeed speed) => Of(speed.Read);

    /// <summary>The same of all runs as they came.</summary>
    public PacedReading AsItCame() => Of(MachineSpeed.ReadAll);

    private PacedReading Of(Func<IReadOnlyList<PacedRun>, PacedReading> read)
    {
        if (Loop is null)
        {
            return new PacedReading(double.NaN, true);
        }

        PacedReading run = read(Runs);
        return run with { Seconds = Loop.Alone(run.Seconds) };
    }
}
