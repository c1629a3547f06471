using EdgePrune.Profiler.Sensors.Perf.Calibration;

namespace EdgePrune.Profiler.Tests.Sensors.Perf;

/// <summary>A calibration for tests.</summary>
internal static class CalibrationExample
{
    public static CounterCalibration Of(string processor = "armv8_cortex_a72", params CounterCoefficient[] coefficients) => new(
        CounterCalibration.CurrentFormat,
        "raspberry-pi-4-ina219",
        processor,
        "performance",
        "INA219 at i2c-1 0x40",
        "measured",
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        2.61,
        coefficients.Length > 0 ? coefficients : [new CounterCoefficient("CPU_CYCLES", 412.5), new CounterCoefficient("BUS_ACCESS", 1830)],
        new CalibrationError(4.1, 9.8, 20),
        3.2,
        [new CalibrationPoint("conv 3x3", 1.25, 1.31)]);
}
