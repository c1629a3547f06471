using EdgePrune.Onnx;
using LibreHardwareMonitor.Hardware;

namespace EdgePrune.Profiler.Sensors.Packages;

/// <summary>The package sensor of each processor and graphics card that LibreHardwareMonitorLib knows.</summary>
internal sealed class HardwareMonitorSensors : IPackageSensors
{
    // Best first. The names are those that the library gives: Intel and AMD processors, NVIDIA, AMD and Intel cards.
    private static readonly string[] WholePackage = ["GPU Total", "GPU Package", "CPU Package", "Package"];

    private readonly Computer? computer;
    private readonly ISensor[] sensors;

    /// <param name="parts">Parts that are open already.</param>
    /// <param name="computer">What to close in the end, or null where the parts are the caller's.</param>
    /// <exception cref="InputException">No part has a package sensor.</exception>
    public HardwareMonitorSensors(IEnumerable<IHardware> parts, Computer? computer)
    {
        var packages = new List<ISensor>();
        foreach (IHardware part in parts)
        {
            // Some sensors show up with the first reading only.
            part.Update();
            ISensor[] powers = [.. part.Sensors.Where(s => s.SensorType == SensorType.Power)];
            packages.AddRange(WholePackage.SelectMany(name => powers.Where(s => s.Name == name)).Take(1));
        }

        if (packages.Count == 0)
        {
            throw new InputException(
                "LibreHardwareMonitorLib finds no power sensor of a processor or a graphics card: run as administrator with the PawnIO driver installed, or use another power source");
        }

        this.computer = computer;
        sensors = [.. packages];
        Names = [.. sensors.Select(s => $"{s.Hardware.Name} {s.Name}")];
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Opens the library's driver. Only on Windows x64: elsewhere the library runs machine code of another processor.</summary>
    /// <exception cref="InputException">No part has a package sensor.</exception>
    public static HardwareMonitorSensors Open()
    {
        var computer = new Computer { IsCpuEnabled = true, IsGpuEnabled = true };
        try
        {
            computer.Open();
            return new HardwareMonitorSensors(computer.Hardware, computer);
        }
        catch
        {
            computer.Close();
            throw;
        }
    }

    public void Update()
    {
        foreach (ISensor sensor in sensors)
        {
            sensor.Hardware.Update();
        }
    }

    public float? Watts(int index) => sensors[index].Value;

    public void Dispose() => computer?.Close();
}
