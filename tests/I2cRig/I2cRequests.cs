namespace EdgePrune.I2cRig;

/// <summary>ioctl requests of linux/i2c-dev.h.</summary>
internal static class I2cRequests
{
    public const uint First = 0x0701;
    public const uint Functions = 0x0705;
    public const uint ReadWrite = 0x0707;
    public const uint Last = 0x0720;
}
