namespace EdgePrune.I2cRig;

/// <summary>What the device files of I2C buses answer.</summary>
internal interface II2cDevices
{
    bool Has(int bus);

    /// <summary>The error number with which opening fails; 0 where it does not.</summary>
    int OpenError(int bus);

    /// <summary>Answers an ioctl, whose argument is an address in the caller's memory.</summary>
    Answer Control(int bus, uint request, ulong argument, CallerMemory memory);
}
