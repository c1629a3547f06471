#if DEVICE_PACKAGES
using System.Device.Gpio;
#endif
using EdgePrune.Profiler.Devices;
#if DEVICE_PACKAGES
using EdgePrune.Profiler.Sensors.Packages;
#endif

namespace EdgePrune.Profiler.Sensors;

/// <summary>The marker that a device file asks for.</summary>
public static class MeasurementMarkers
{
    /// <returns>A marker that does nothing where the file names no pin. The caller disposes of it.</returns>
    /// <exception cref="SensorException">The pin cannot be used, or this build lacks System.Device.Gpio.</exception>
    public static IMeasurementMarker Open(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.MarkerPin is not { } pin)
        {
            return NoMarker.Instance;
        }

#if DEVICE_PACKAGES
        // One for the life of the process, like the pin.
        return new GpioMarker(new GpioController(), pin);
#else
        throw new SensorException($"device {device.Name} names pin {pin} as marker, and this build lacks System.Device.Gpio (edgeprune doctor says why): take marker out of the device file");
#endif
    }
}
