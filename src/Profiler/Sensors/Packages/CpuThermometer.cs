using System.Management;
using System.Runtime.InteropServices;
using Iot.Device.CpuTemperature;

namespace EdgePrune.Profiler.Sensors.Packages;

/// <summary>
/// The processor's temperature by Iot.Device.CpuTemperature. On Linux that reads the first thermal zone and so knows no more
/// than sysfs does; on Windows it asks Open Hardware Monitor or WMI, which may name the case sensor instead.
/// </summary>
internal static class CpuThermometer
{
    /// <summary>False where the library finds no sensor or may not read it.</summary>
    public static bool TryRead(out double celsius)
    {
        celsius = double.NaN;
        try
        {
            using var sensor = new CpuTemperature();
            if (sensor.IsAvailable)
            {
                celsius = sensor.Temperature.DegreesCelsius;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ManagementException or COMException)
        {
            return false;
        }

        return double.IsFinite(celsius);
    }
}
