using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;

namespace EdgePrune.Agent.Service.Configuration;

/// <summary>What the agent measures with, and how much a measurement may take.</summary>
internal sealed record MeasurementSettings
{
    /// <summary>The board, by name or file, as the settings say it; a measuring child process reads it again.</summary>
    public required string DeviceFile { get; init; }

    public required Device Device { get; init; }

    /// <summary>Wall-clock time after which a measurement is stopped.</summary>
    public required TimeSpan JobTime { get; init; }

    /// <summary>Memory that a measurement may write to.</summary>
    public required long JobMemoryBytes { get; init; }

    /// <summary>Reads what of the settings belongs here; problems are noted in <paramref name="reader"/>.</summary>
    public static MeasurementSettings Read(SettingsReader reader, long memory)
    {
        string file = reader.Value("device", "host");
        Device device;
        try
        {
            device = Device.Load(file);
        }
        catch (InputException e)
        {
            reader.Problem($"device: {e.Message}");
            device = Device.Load("host");
        }

        return new MeasurementSettings
        {
            DeviceFile = File.Exists(file) ? Path.GetFullPath(file) : file,
            Device = device,
            JobTime = TimeSpan.FromSeconds(reader.Number("limits:jobSeconds", 7200, 1, 7 * 86_400)),
            // Half of the memory: what serves must go on serving beside the child.
            JobMemoryBytes = reader.Number("limits:jobBytes", memory / 2, 1, long.MaxValue),
        };
    }
}
