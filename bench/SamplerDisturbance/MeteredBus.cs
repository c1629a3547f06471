using EdgePrune.Profiler.Sensors.I2c;

namespace EdgePrune.Bench.SamplerDisturbance;

/// <summary>
/// Counts the processor time that a register model takes for its answers: it computes the physics of a board, which a real part
/// does not leave to the processor.
/// </summary>
internal sealed class MeteredBus(II2cBus inner, BusMeter meter) : II2cBus
{
    public string Name => inner.Name;

    public void Write(int address, ReadOnlySpan<byte> data)
    {
        double before = ThreadClock.Seconds();
        inner.Write(address, data);
        meter.Cpu += ThreadClock.Seconds() - before;
    }

    public void WriteRead(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        double before = ThreadClock.Seconds();
        inner.WriteRead(address, write, read);
        meter.Cpu += ThreadClock.Seconds() - before;
    }

    public void Dispose() => inner.Dispose();
}
