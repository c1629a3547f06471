using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation.Trees;

/// <summary>
/// The converter of an INA3221 (SBOS576): shunt and bus of each enabled channel one after the other, quantised to 40 µV and 8 mV,
/// and a recursive average, new += (x − old)/N, where more than one sample is asked for.
/// </summary>
internal sealed class Ina3221Conversions(IReadOnlyList<SimulatedChannel> channels, int samples, Seconds conversion)
{
    public const double ShuntStep = 40e-6;
    public const double BusStep = 8e-3;
    private const int MostRounds = 4096;
    private readonly int[] enabled = [.. Enumerable.Range(0, channels.Count).Where(i => channels[i].Line is not null)];
    private readonly double[] shunt = new double[channels.Count];
    private readonly double[] bus = new double[channels.Count];
    private readonly long[] done = [.. channels.Select(_ => long.MinValue)];

    /// <summary>Time in which every enabled channel is converted once.</summary>
    public Seconds Round => conversion * (2 * Math.Max(1, enabled.Length));

    /// <summary>Registers in steps of <see cref="ShuntStep"/> and <see cref="BusStep"/>.</summary>
    public (long Shunt, long Bus) Registers(int channel) => ((long)Math.Round(shunt[channel]), (long)Math.Round(bus[channel]));

    /// <summary>Converts all that has ended by the time of now.</summary>
    public void Advance()
    {
        for (int place = 0; place < enabled.Length; place++)
        {
            int channel = enabled[place];
            SimulatedChannel part = channels[channel];
            double begin = place * 2 * conversion.Value;
            double end = begin + (2 * conversion.Value);
            long last = (long)Math.Floor((part.Line!.Now.Value - end) / Round.Value);
            // After a long time without a look only the latest rounds still show in the average.
            long first = done[channel] == long.MinValue ? last : Math.Max(done[channel] + 1, last - MostRounds);
            for (long round = first; round <= last; round++)
            {
                Convert(part, channel, new Seconds((round * Round.Value) + begin), isFirst: done[channel] == long.MinValue);
                done[channel] = round;
            }
        }
    }

    private void Convert(SimulatedChannel part, int channel, Seconds begin, bool isFirst)
    {
        Seconds middle = begin + conversion;
        double volts = part.Line!.MeanAmperes(begin, middle) * part.ShuntOhms;
        double newShunt = Math.Clamp(Math.Round(volts / ShuntStep), -4096, 4095);
        double newBus = Math.Max(0, Math.Round(part.Line.MeanVolts(middle, middle + conversion) / BusStep));
        int weight = isFirst ? 1 : samples;
        shunt[channel] += (newShunt - shunt[channel]) / weight;
        bus[channel] += (newBus - bus[channel]) / weight;
    }
}
