namespace EdgePrune.Profiler.Simulation;

/// <summary>The register model of a part on an I2C bus.</summary>
public interface II2cPart
{
    /// <summary>Bytes that the master wrote after the address: the register pointer, then the value where there is one.</summary>
    void Write(ReadOnlySpan<byte> data);

    /// <summary>Bytes that the master reads from the register that the pointer is at.</summary>
    void Read(Span<byte> data);
}
