using System.Reflection;
using System.Runtime.InteropServices;
using EdgePrune.Agent.Store;
using EdgePrune.Cli.Documents;
using EdgePrune.Cli.Options;
using EdgePrune.Onnx;
using EdgePrune.Profiler.Devices;
using EdgePrune.Profiler.Energy;
using EdgePrune.Profiler.Sensors;
using EdgePrune.Profiler.Sensors.Perf;
using EdgePrune.Profiler.Units;
using Microsoft.ML.OnnxRuntime;

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
    public static DoctorDocument Run(string device, string store)
    {
        var problems = new List<string>();
        IReadOnlyList<SensorFacts> sensors = Sensors(Device.Load(device), problems);
        return new DoctorDocument(
            typeof(Examination).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0],
            Metadata("SdkVersion"),
            RuntimeInformation.FrameworkDescription,
            RuntimeInformation.OSDescription,
            RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            new RuntimeFacts(OrtEnv.Instance().GetVersionString(), OrtEnv.Instance().GetAvailableProviders()),
            HasDevicePackages,
            sensors,
            Store(store, problems),
            problems);
    }

    // The modelled source is the one that reads no hardware; the device file has its coefficients.
    private static List<SensorFacts> Sensors(Device device, List<string> problems)
    {
        Provenance modelled = new EnergyModel(device).Provenance;
        foreach (PowerSourceEntry source in device.Sources.Where(s => s.Kind != PowerSourceEntry.Modelled && PowerSources.Families.All(f => f.Kind != s.Kind)))
        {
            problems.Add($"device {device.Name}: power source '{source.Kind}' is not in this build; energies are {modelled}");
        }

        IEnumerable<string> rails = device.Sources.Where(s => s.Kind == PowerSourceEntry.Modelled).SelectMany(s => s.Rails).Select(r => r.Name);
        var sensors = new List<SensorFacts> { new(modelled.Source, modelled.Word, [.. rails.DefaultIfEmpty("board")]) };
        foreach (DiscoveredSource found in PowerSources.Families.SelectMany(f => f.Discover(PowerHardware.OfThisMachine())))
        {
            if (found.IsUsable)
            {
                Provenance provenance = found.Entry.Kind == PerfFamily.Word ? Provenance.Counted(found.Name) : Provenance.Measured(found.Name);
                sensors.Add(new SensorFacts(found.Name, provenance.Word, [.. found.Rails.Select(r => r.Name)]));
            }
            else
            {
                problems.Add($"{found.Name}: {found.Problem}{(found.Fix is null ? "" : "; " + found.Fix)}");
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
