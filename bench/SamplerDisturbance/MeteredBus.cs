using EdgePrune.Profiler.Sensors.I2c;

namespace EdgePrune.Bench.SamplerDisturbance;

/// <summary>
/// Counts what a register model takes for its answers: it computes and records the physics of a board, which a real part does not
/// leave to the processor.
/// </summary>
internal sealed class MeteredBus(II2cBus inner, BusMeter meter) : II2cBus
{
    public string Name => inner.Name;

    public void Write(int address, ReadOnlySpan<byte> data)
    {
        (double, long) before = BusMeter.Now();
        inner.Write(address, data);
        meter.Add(before);
    }

    public void WriteRead(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        (double, long) before = BusMeter.Now();
        inner.WriteRead(address, write, read);
        meter.Add(before);
    }

    public void Dispose() => inner.Dispose();
}
