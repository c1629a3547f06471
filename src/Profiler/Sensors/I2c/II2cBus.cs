namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>
/// An I2C bus as its controller offers it. Both methods are one transfer each and throw an <see cref="IOException"/> of the
/// operating system's wording where it fails; drivers turn that into a <see cref="SensorException"/> that names part, bus and address.
/// </summary>
public interface II2cBus : IDisposable
{
    /// <summary>For messages, for example <c>i2c-1</c>.</summary>
    string Name { get; }

    /// <summary>Writes bytes to the part at a 7-bit address.</summary>
    void Write(int address, ReadOnlySpan<byte> data);

    /// <summary>
    /// Writes and then reads with a repeated start. Where <paramref name="write"/> is empty, only reads: parts that keep their
    /// register pointer then answer with less traffic.
    /// </summary>
    void WriteRead(int address, ReadOnlySpan<byte> write, Span<byte> read);
}
