using System.Reflection;
using System.Runtime.InteropServices;
using EdgePrune.Agent.Store;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Sensors;
using EdgePrune.Onnx;
using EdgePrune.Onnx.Sessions;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Perf;

namespace EdgePrune.Cli.Doctor;

/// <summary>Looks at the machine and at this build.</summary>
internal static class Examination
{
#if DEVICE_PACKAGES
    private const bool HasDevicePackages = true;
#else
    private const bool HasDevicePackages = false;
#endif

    /// <param name="device">Device by name or file.</param>
    /// <param name="store">Full path of the model store.</param>
    /// <param name="machine">The machine whose sensors are looked for.</param>
    public static DoctorDocument Run(string device, string store, PowerSourceContext machine)
    {
        var problems = new List<string>();
        IReadOnlyList<SensorFacts> sensors = Sensors(SensorSurvey.Of(Device.Load(device), machine), problems);
        return new DoctorDocument(
            typeof(Examination).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
            Metadata("SdkVersion"),
            RuntimeInformation.FrameworkDescription,
            RuntimeInformation.OSDescription,
            RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            new RuntimeFacts(OnnxRuntimeEnvironment.Instance.GetVersionString(), OnnxRuntimeEnvironment.Instance.GetAvailableProviders()),
            HasDevicePackages,
            sensors,
            Store(store, problems),
            problems);
    }

    // The source of the device's energies first, then what else the machine has.
    private static List<SensorFacts> Sensors(SensorsDocument survey, List<string> problems)
    {
        var sensors = new List<SensorFacts>();
        EnergyOrigin energy = survey.Energy;
        if (energy.Problem is null)
        {
            sensors.Add(new SensorFacts(energy.Source, energy.Provenance!, [.. energy.Rails.Select(r => r.Name)]));
        }
        else
        {
            problems.Add($"device {survey.Device}: {energy.Problem}");
        }

        foreach (FoundSensor found in survey.Found.Where(f => f.Name != energy.Source))
        {
            if (found.Usable)
            {
                sensors.Add(new SensorFacts(found.Name, found.Kind == PerfFamily.Word ? "counted" : "measured", [.. found.Rails.Select(r => r.Name)]));
            }
            else
            {
                problems.Add($"{found.Name}: {found.Problem}{(found.Fix is null ? "" : $". {found.Fix}")}");
            }
        }

        return sensors;
    }

    private static StoreFacts Store(string path, List<string> problems)
    {
        string? current = null;
        bool exists = Directory.Exists(path);
        if (exists)
        {
            try
            {
                current = new StoreReader(path).Current?.ToString();
            }
            catch (InputException damaged)
            {
                problems.Add(damaged.Message);
            }
        }

        return new StoreFacts(path, exists, current, Free(path));
    }

    private static long? Free(string path)
    {
        try
        {
            while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } parent)
            {
                path = parent;
            }

            return new DriveInfo(path).AvailableFreeSpace;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null; // a network share, or a disk that does not say
        }
    }

    private static string Metadata(string key) =>
        typeof(Examination).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;
}
