#if DEVICE_PACKAGES
using EdgePrune.Profiler.Sensors.Packages;
#endif

namespace EdgePrune.Profiler.Sensors.I2c;

/// <summary>The I2C buses of this machine.</summary>
public static class I2cBuses
{
    /// <summary>Opens bus n by System.Device.I2c, or by i2c-dev where this build lacks that package.</summary>
    /// <exception cref="SensorException">It is not there or may not be opened; the message says what to do.</exception>
    public static II2cBus Open(int number)
    {
#if DEVICE_PACKAGES
        return PackageI2cBus.Open(number);
#else
        if (OperatingSystem.IsLinux())
        {
            return LinuxI2cBus.Open(number);
        }

        throw new SensorException($"bus i2c-{number} cannot be opened: this build reaches I2C on Linux only");
#endif
    }
}
