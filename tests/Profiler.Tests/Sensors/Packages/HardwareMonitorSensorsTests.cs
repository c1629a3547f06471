#if DEVICE_PACKAGES
using System.Reflection;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Sensors.Packages;
using LibreHardwareMonitor.Hardware;

namespace EdgePrune.Profiler.Tests.Sensors.Packages;

/// <summary>The library's package has an assembly for Windows only, so that these are skipped elsewhere.</summary>
public sealed class HardwareMonitorSensorsTests
{
    [Fact]
    public void Each_package_is_one_rail_and_its_parts_are_none()
    {
        RequireLibrary();
        Selection.Check(
            ["Core i7 CPU Package", "Arc A770 GPU Total"],
            ("Core i7", ["CPU Package", "CPU Cores", "CPU Platform"]),
            ("UHD Graphics", ["GPU Power"]),
            ("Arc A770", ["GPU Package", "GPU Total"]));
    }

    [Fact]
    public void No_package_sensor_is_an_error_in_words()
    {
        RequireLibrary();
        InputException error = Assert.Throws<InputException>(() => Selection.Check([], ("Ryzen", ["Core #1 (SMU)"])));
        Assert.Contains("run as administrator", error.Message, StringComparison.Ordinal);
    }

    private static void RequireLibrary()
    {
        try
        {
            Assembly.Load("LibreHardwareMonitorLib");
        }
        catch (FileNotFoundException)
        {
            Assert.Skip("LibreHardwareMonitorLib has no assembly for this system");
        }
    }

    // Apart from the tests, which must be found and skipped where the library's types cannot be loaded.
    private static class Selection
    {
        public static void Check(string[] rails, params (string Name, string[] Sensors)[] parts)
        {
            using var sensors = new HardwareMonitorSensors(parts.Select(p => Part(p.Name, p.Sensors)), computer: null);
            Assert.Equal(rails, sensors.Names);
            sensors.Update();
            Assert.All(rails.Select((_, i) => sensors.Watts(i)), w => Assert.Equal(7f, w));
        }

        private static IHardware Part(string name, string[] sensors)
        {
            var members = new Dictionary<string, Func<object?>> { ["get_Name"] = () => name };
            IHardware part = Fake.Of<IHardware>(members);
            ISensor[] shown = [];
            members["get_Sensors"] = () => shown;
            // As with the library's graphics cards, sensors are there from the first update on.
            members["Update"] = () =>
            {
                shown = [.. sensors.Select(s => Fake.Of<ISensor>(new()
                {
                    ["get_Name"] = () => s,
                    ["get_SensorType"] = () => SensorType.Power,
                    ["get_Hardware"] = () => part,
                    ["get_Value"] = () => 7f,
                }))];
                return null;
            };
            return part;
        }
    }

    /// <summary>Answers the members of a library interface that are asked for; any other is an error.</summary>
    public class Fake : DispatchProxy
    {
        private Dictionary<string, Func<object?>> members = [];

        internal static T Of<T>(Dictionary<string, Func<object?>> members)
            where T : class
        {
            T made = Create<T, Fake>();
            ((Fake)(object)made).members = members;
            return made;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => members[targetMethod!.Name]();
    }
}
#endif
