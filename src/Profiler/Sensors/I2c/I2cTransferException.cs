namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>A transfer that the bus did not complete, with the system's error number where it gave one.</summary>
public sealed class I2cTransferException : IOException
{
    public I2cTransferException(int errorNumber)
        : base(I2cErrors.Words(errorNumber)) => ErrorNumber = errorNumber;

    public I2cTransferException(int errorNumber, Exception inner)
        : base(I2cErrors.Words(errorNumber), inner) => ErrorNumber = errorNumber;

    /// <summary>The error number of Linux, for example 121 (EREMOTEIO).</summary>
    public int ErrorNumber { get; }
}
