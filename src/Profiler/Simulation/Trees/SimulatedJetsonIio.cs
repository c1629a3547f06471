using EdgePrune.Profiler.Units;

namespace EdgePrune.Profiler.Simulation.Trees;

/// <summary>
/// An INA3221 behind NVIDIA's ina3221x driver of JetPack 4: <c>rail_name_N</c>, <c>in_powerN_input</c> (mW), <c>in_currentN_input</c>
/// (mA), <c>in_voltageN_input</c> (mV).
/// </summary>
public sealed class SimulatedJetsonIio : ISimulatedTree, IDisposable
{
    private readonly IReadOnlyList<SimulatedChannel> channels;
    private readonly Ina3221Conversions converter;
    private readonly List<(int Channel, AttributeFile Power, AttributeFile Current, AttributeFile Voltage)> files = [];

    /// <param name="root">Folder that stands for the root of the file system.</param>
    /// <param name="place">Bus and address; 6-0040 on the Nano.</param>
    /// <param name="number">The device number, which says nothing.</param>
    /// <param name="samples">Samples of the recursive average.</param>
    /// <param name="conversion">Time of one conversion, shunt or bus.</param>
    public SimulatedJetsonIio(string root, string place, int number, IReadOnlyList<SimulatedChannel> channels, int samples, Seconds conversion)
    {
        ArgumentNullException.ThrowIfNull(channels);
        this.channels = channels;
        converter = new Ina3221Conversions(channels, samples, conversion);
        root = Path.GetFullPath(root); // links are absolute
        string folder = Path.Combine(root, "sys/bus/i2c/drivers/ina3221x", place, $"iio:device{number}");
        Directory.CreateDirectory(folder);
        AttributeFile.WriteOnce(Path.Combine(folder, "name"), "ina3221x");
        for (int i = 0; i < channels.Count; i++)
        {
            AttributeFile.WriteOnce(Path.Combine(folder, $"rail_name_{i}"), channels[i].Label ?? "NC");
            if (channels[i].Line is not null)
            {
                files.Add((
                    i,
                    new AttributeFile(Path.Combine(folder, $"in_power{i}_input")),
                    new AttributeFile(Path.Combine(folder, $"in_current{i}_input")),
                    new AttributeFile(Path.Combine(folder, $"in_voltage{i}_input"))));
            }
        }

        string devices = Path.Combine(root, "sys/bus/iio/devices");
        Directory.CreateDirectory(devices);
        Directory.CreateSymbolicLink(Path.Combine(devices, $"iio:device{number}"), folder);
        Refresh();
    }

    public void Refresh()
    {
        converter.Advance();
        foreach ((int channel, AttributeFile power, AttributeFile current, AttributeFile voltage) in files)
        {
            (long shunt, long bus) = converter.Registers(channel);
            long milliamperes = (long)Math.Round(shunt * Ina3221Conversions.ShuntStep / channels[channel].ShuntOhms * 1e3);
            power.Write(milliamperes * bus * 8 / 1000);
            current.Write(milliamperes);
            voltage.Write(bus * 8);
        }
    }

    public void Dispose()
    {
        foreach ((_, AttributeFile power, AttributeFile current, AttributeFile voltage) in files)
        {
            power.Dispose();
            current.Dispose();
            voltage.Dispose();
        }
    }
}
