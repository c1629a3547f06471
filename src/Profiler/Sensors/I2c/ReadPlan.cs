using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>Whether a bus is fast enough to read each round of a part whole. Pure arithmetic.</summary>
/// <param name="BusHertz">Clock of the bus.</param>
/// <param name="Period">Time of one round.</param>
/// <param name="Lifetimes">How long after the round each register stands before the next overwrites it, in the order of reading.</param>
/// <param name="Transfers">Reads a round, with the one of the flag.</param>
internal readonly record struct ReadPlan(int BusHertz, Seconds Period, IReadOnlyList<Seconds> Lifetimes, int Transfers)
{
    // System call, interrupt and start of a transfer on a small board.
    private const double Overhead = 30e-6;
    private const double Late = 100e-6;
    private const double LargestShare = 0.75;
    private const double Margin = 0.9;

    public Seconds TransferTime => new(((double)I2cRegisters.ReadClocks / BusHertz) + Overhead);

    /// <summary>Time that the bus is busy for one round.</summary>
    public Seconds Traffic => TransferTime * Transfers;

    /// <summary>Every register of every round can be read before it is overwritten, if nothing is late.</summary>
    public bool IsPossible => IsInTime(0) && Traffic.Value <= Margin * Period.Value;

    /// <summary>As <see cref="IsPossible"/> with room for a sampling thread that wakes late.</summary>
    public bool IsComfortable => IsInTime(Late) && Traffic.Value <= LargestShare * Period.Value;

    private bool IsInTime(double late)
    {
        for (int i = 0; i < Lifetimes.Count; i++)
        {
            if (late + (TransferTime.Value * (i + 1)) > Margin * Lifetimes[i].Value)
            {
                return false;
            }
        }

        return true;
    }
}
